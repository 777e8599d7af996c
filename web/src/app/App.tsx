import { useEffect, useLayoutEffect, useMemo, useSyncExternalStore } from "react";
import { App as AntApp, ConfigProvider } from "antd";
import enGB from "antd/locale/en_GB";
import zhCN from "antd/locale/zh_CN";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { preferences } from "@/lib/preferences";
import { dispatchKey } from "@/lib/keys";
import { useStore } from "@/lib/store";
import { antdTheme } from "@/ui/theme";
import { applyTokens, type Scheme } from "@/ui/tokens";
import { queryClient } from "@/app/query";
import { router } from "@/app/router";

const darkSystem = globalThis.matchMedia?.("(prefers-color-scheme: dark)");

function useScheme(): Scheme {
  const wish = useStore(preferences, (p) => p.scheme);
  const system = useSyncExternalStore(
    (changed) => {
      darkSystem?.addEventListener("change", changed);
      return () => darkSystem?.removeEventListener("change", changed);
    },
    () => darkSystem?.matches ?? false,
  );
  if (wish === "system") return system ? "dark" : "light";
  return wish;
}

/** The whole page. A change of language renders everything anew; of colours and density only the tokens. */
export function App() {
  const scheme = useScheme();
  const { density, locale } = useStore(preferences);
  const theme = useMemo(() => antdTheme(scheme, density), [scheme, density]);
  useLayoutEffect(() => applyTokens(scheme, density), [scheme, density]);
  useLayoutEffect(() => {
    document.documentElement.lang = locale === "zh" ? "zh-CN" : "en";
  }, [locale]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => void dispatchKey(event);
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
  return (
    <ConfigProvider theme={theme} locale={locale === "zh" ? zhCN : enGB} button={{ autoInsertSpace: false }}>
      <AntApp message={{ maxCount: 3, top: 56 }} style={{ height: "100%" }}>
        <QueryClientProvider client={queryClient}>
          <RouterProvider key={locale} router={router} />
        </QueryClientProvider>
      </AntApp>
    </ConfigProvider>
  );
}
