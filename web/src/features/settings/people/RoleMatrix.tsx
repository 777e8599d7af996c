import { Check } from "lucide-react";
import type { components } from "@/api/schema";
import { t, tOr } from "@/lib/i18n";
import { Part } from "@/ui/Sheet";
import styles from "@/features/settings/people/matrix.module.css";

/** What each role may do: a table of all permissions. */
export function RoleMatrix({ roles }: { roles: components["schemas"]["Roles"] }) {
  return (
    <Part title={t("people.matrix")} hint={t("people.matrixHint")}>
      <div className={styles.box} tabIndex={0} role="region" aria-label={t("people.matrix")}>
        <table className={styles.matrix}>
          <thead><tr><th scope="col">{t("people.permission")}</th>{roles.roles.map((role) => <th key={role.role} scope="col">{tOr(`role.${role.role}`, role.name_zh)}</th>)}</tr></thead>
          <tbody>
            {roles.permissions.map((one) => (
              <tr key={one.permission}>
                <th scope="row">{tOr(`permission.${one.permission}`, one.name_zh)}</th>
                {roles.roles.map((role) => <td key={role.role}>{role.permissions.includes(one.permission) && <Check size={14} aria-label={t("common.yes")} />}</td>)}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Part>
  );
}
