import { theme, type ThemeConfig } from "antd";
import { dark, densities, FONT, light, MONO, type Density, type Scheme } from "@/ui/tokens";

/** Returns antd's theme, made of the tokens, so that its parts look like ours. */
export function antdTheme(scheme: Scheme, density: Density): ThemeConfig {
  const p = scheme === "dark" ? dark : light;
  const d = densities[density];
  return {
    algorithm: scheme === "dark" ? theme.darkAlgorithm : theme.defaultAlgorithm,
    token: {
      colorPrimary: p.accent, colorInfo: p.accent, colorSuccess: p.good, colorWarning: p.near, colorError: p.breached,
      colorLink: p.accentInk, colorText: p.ink, colorTextSecondary: p.ink2, colorTextTertiary: p.ink3,
      colorTextDescription: p.ink3, colorTextPlaceholder: p.ink3, colorTextQuaternary: p.ink3,
      colorBgBase: p.surface, colorBgContainer: p.raised, colorBgElevated: p.raised, colorBgLayout: p.canvas,
      colorBorder: p.lineStrong, colorBorderSecondary: p.line, colorBgMask: p.scrim,
      controlItemBgActive: p.selected, controlItemBgHover: p.hover,
      fontFamily: FONT, fontFamilyCode: MONO, fontSize: d.text, controlHeight: d.control,
      borderRadius: 6, borderRadiusLG: 10, borderRadiusSM: 4, wireframe: false, motionDurationMid: "0.12s", motionDurationSlow: "0.18s",
    },
    components: {
      // The dark algorithm dulls the red below what can be read: buttons take it as it is.
      Button: { primaryShadow: "none", defaultShadow: "none", dangerShadow: "none", colorError: p.breached, dangerColor: p.breachedInk },
      Tooltip: { colorBgSpotlight: p.ink, colorTextLightSolid: p.surface },
      Segmented: { trackBg: p.sunken, itemSelectedBg: p.raised },
      Table: { headerBg: p.sunken, headerColor: p.ink2, rowHoverBg: p.hover, cellPaddingBlock: 8, cellPaddingInline: 12 },
      Tabs: { horizontalItemPadding: "8px 0", horizontalItemGutter: 20 },
      Modal: { contentBg: p.raised, headerBg: p.raised },
    },
  };
}
