import type { ReactNode } from "react";
import { Dropdown } from "antd";
import { ChevronDown } from "lucide-react";
import { t } from "@/lib/i18n";
import { useLiveState } from "@/live/context";
import { switchShop, useSession } from "@/app/session";
import { MeMenu } from "@/app/shell/MeMenu";
import { PresenceSwitch } from "@/app/shell/PresenceSwitch";
import { DayFigures } from "@/app/shell/DayFigures";
import styles from "@/app/shell/shell.module.css";

/** Shop, the figures of the day, the state of the line, presence, oneself. */
export function TopBar() {
  const live = useLiveState();
  return (
    <header className={styles.top}>
      <ShopName />
      <DayFigures />
      <div className={styles.side}>
        <span className={styles.live} data-state={live} role="status"><i className={styles.dot} /><span>{live === "lost" ? t("live.connecting") : t(live === "ended" ? "state.offline" : `live.${live}`)}</span></span>
        <PresenceSwitch />
        <MeMenu />
      </div>
    </header>
  );
}

function ShopName(): ReactNode {
  const session = useSession();
  const here = session.shops.find((shop) => shop.id === session.shop_id);
  const name = here?.name ?? "";
  if (session.shops.length < 2) return <span className={styles.shop}><span className="clip">{name}</span></span>;
  const items = session.shops.map((shop) => ({ key: String(shop.id), label: shop.name }));
  return (
    <Dropdown menu={{ items, selectedKeys: [String(session.shop_id)], onClick: ({ key }) => switchShop(Number(key)) }} trigger={["click"]}>
      <button type="button" className={styles.shopButton} aria-label={t("shell.shop")}><span className="clip">{name}</span><ChevronDown size={15} /></button>
    </Dropdown>
  );
}
