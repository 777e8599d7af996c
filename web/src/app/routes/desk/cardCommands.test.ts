import { expect, test } from "vitest";
import { cardCommands, cardKindOf } from "@/app/routes/desk/cardCommands";
import { findQuick } from "@/features/composer/quick";
import { prefer } from "@/lib/preferences";

prefer({ locale: "zh" });

test.each([["商品", [-2]], ["fddkp", [-1]], ["product", [-2]], ["卡片", [-1, -2]], ["xyz", []]])("a slash and %j finds the cards %j", (words, ids) => {
  expect(findQuick(cardCommands(["order", "product"]), words).map((found) => found.id).toSorted((a, b) => b - a)).toEqual(ids);
});

test("only what the channel can send is offered, and a quick reply opens no cards", () => {
  expect(cardCommands(["product"]).map(cardKindOf)).toEqual(["product"]);
  expect(cardKindOf({ id: 7 })).toBeNull();
});
