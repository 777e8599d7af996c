import { admin } from "@/lib/i18n/catalogue/admin";
import { audit } from "@/lib/i18n/catalogue/audit";
import { board } from "@/lib/i18n/catalogue/board";
import { buyer } from "@/lib/i18n/catalogue/buyer";
import { common } from "@/lib/i18n/catalogue/common";
import { data } from "@/lib/i18n/catalogue/data";
import { desk } from "@/lib/i18n/catalogue/desk";
import { fields } from "@/lib/i18n/catalogue/fields";
import { list } from "@/lib/i18n/catalogue/list";
import { insight } from "@/lib/i18n/catalogue/insight";
import { rights } from "@/lib/i18n/catalogue/rights";
import { rules } from "@/lib/i18n/catalogue/rules";
import { settings } from "@/lib/i18n/catalogue/settings";
import { tour } from "@/lib/i18n/catalogue/tour";
import { shell } from "@/lib/i18n/catalogue/shell";

/** Every text shown to people. Chinese is the source; the type asks for both languages of each. */
export const catalogue = { ...common, ...shell, ...desk, ...list, ...tour, ...buyer, ...board, ...settings, ...admin, ...data, ...insight, ...rules, ...rights, ...fields, ...audit } satisfies Record<string, readonly [string, string]>;
