import { t } from "@/lib/i18n";
import { BuyerFace } from "@/ui/BuyerFace";
import type { Mentionable } from "@/features/composer/mentions";
import styles from "@/features/composer/components/composer.module.css";

/** Colleagues to mention in a note; they are told. */
export function MentionMenu({ people, chosen, onPick }: { people: readonly Mentionable[]; chosen: number; onPick: (name: string) => void }) {
  return (
    <div className={`${styles.menu} ${styles.mentions}`}>
      <ul role="listbox" aria-label={t("composer.mention")}>
        {people.map((person, n) => (
          <li key={person.id} role="option" aria-selected={n === chosen} className={n === chosen ? styles.chosen : ""} onMouseDown={(event) => { event.preventDefault(); onPick(person.name); }}>
            <BuyerFace name={person.name} size={22} /><b className="clip">{person.name}</b>
          </li>
        ))}
      </ul>
    </div>
  );
}
