import { useState } from "react";
import { App, Button, Input, QRCode } from "antd";
import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, ask } from "@/api/client";
import type { components } from "@/api/schema";
import { t } from "@/lib/i18n";
import { Pill } from "@/ui/Pill";
import { Part } from "@/ui/Sheet";
import styles from "@/features/settings/form.module.css";

const totpQuery = queryOptions({ queryKey: ["settings", "totp"] as const, queryFn: () => ask(api.GET("/api/totp")) });

/** The authenticator: switch it on with a QR code and the first code, see recovery codes once, switch it off. */
export function SecondFactor() {
  const client = useQueryClient();
  const { message } = App.useApp();
  const totp = useQuery(totpQuery);
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [offer, setOffer] = useState<components["schemas"]["TotpOffer"] | null>(null);
  const [codes, setCodes] = useState<readonly string[]>([]);
  const failed = (error: Error) => void message.error(error.message);
  const renew = () => client.invalidateQueries({ queryKey: totpQuery.queryKey });

  const begin = () => ask(api.POST("/api/totp", { body: { password } })).then((found) => { setOffer(found); setPassword(""); }, failed);
  const confirm = () => offer && ask(api.POST("/api/totp/confirmation", { body: { enrolment_id: offer.enrolment_id, code } })).then((found) => { setCodes(found.codes); setOffer(null); setCode(""); return renew(); }, failed);
  const remove = () => ask(api.POST("/api/totp/removal", { body: { password, code } })).then(() => { setPassword(""); setCode(""); setCodes([]); return renew(); }, failed);
  const isOn = totp.data?.is_on ?? false;
  return (
    <Part title={t("me.totp")} hint={t("me.totpHint")} actions={totp.data && <Pill tone={isOn ? "good" : "plain"}>{t(isOn ? "me.totpOn" : "me.totpOff")}</Pill>}>
      {codes.length > 0 && (
        <div className={styles.once}><b>{t("me.codesOnce")}</b><pre>{codes.join("\n")}</pre></div>
      )}
      {offer ? (
        <div className={styles.offer}>
          <QRCode value={offer.uri} size={148} bordered={false} />
          <div className={styles.form}>
            <p>{t("me.scan")} <code>{offer.secret}</code></p>
            <label>{t("login.totp")}<Input value={code} onChange={(event) => setCode(event.target.value)} inputMode="numeric" autoComplete="one-time-code" /></label>
            <Button type="primary" onClick={() => void confirm()} disabled={code.length < 6}>{t("common.confirm")}</Button>
          </div>
        </div>
      ) : totp.data && (
        <div className={styles.form}>
          <label>{t("me.currentPassword")}<Input.Password value={password} onChange={(event) => setPassword(event.target.value)} autoComplete="current-password" /></label>
          {isOn && <label>{t("login.totp")}<Input value={code} onChange={(event) => setCode(event.target.value)} /></label>}
          {isOn && <p className="quiet">{t("me.codesLeft", { n: totp.data.recovery_codes_left })}</p>}
          {isOn ? <Button danger onClick={() => void remove()} disabled={!password || !code}>{t("me.totpRemove")}</Button> : <Button onClick={() => void begin()} disabled={!password}>{t("me.totpBegin")}</Button>}
        </div>
      )}
    </Part>
  );
}
