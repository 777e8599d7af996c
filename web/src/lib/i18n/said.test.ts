import { beforeAll, beforeEach, expect, test } from "vitest";
import { book } from "@/lib/i18n/book";
import { inEnglish, readBook, said, saidLabel } from "@/lib/i18n/said";
import { prefer } from "@/lib/preferences";

beforeAll(() => readBook(book));
beforeEach(() => prefer({ locale: "en" }));

test.each([
  ["1,234 行有误没有导入，见逐行原因", "1,234 rows with errors were left out: see the reason of each"],
  ["第 12 行 发送方角色：不认识的发送方角色（应为 买家/客服/机器人/系统）", "Row 12, sender's role: Unknown sender (should be buyer, agent, robot or system)"],
  ["缺少必需的列：会话ID、时间", "Columns still needed: chat id, time"],
  ["买家进线，已分配给小林：得分 130（最近接待过该买家 +80，空闲（1/10）+20，上次分到新会话在 40 秒前）（售前组，按优先级分配；需要技能：商品 ≥ 3 级）", "buyer came in, assigned to 小林: 130 points (served this buyer recently +80, free (1/10) +20, last new chat 40 s ago) (售前组, by priority; skills needed: product ≥ level 3)"],
  ["买家进线，进入排队（全店）：3 人离线，1 人接待数已满", "buyer came in, queued (whole shop): 3 offline, 1 capacity full"],
  ["影响最大的是直播时段转化低于均值（22 点后），近四周约 1.7 万元。", "Costliest: Live hours convert below the mean (after 22:00), about ¥17,000 in four weeks."],
  ["平均响应时长 37.3 秒（目标 30.0 秒，比上期好 3.2 秒）", "Average response 37.3 s (target 30.0 s, better than before by 3.2 s)"],
  ["晚间 ≤20 秒 · 特护时段", "evening ≤20 s · guarded hours"],
  ["周一先做二件事：①直播运营：更换直播话术：先报价与链接号，再答细节；②仓库：超时单今天全部发出或与买家改期。", "On Monday first: 1. live operations: Change the live script: price and link number first, then details; 2. warehouse: Dispatch late orders today or agree a new day."],
  ["文件里只看得到仲裁，咨询平台客服与投诉要看后台", "files show arbitration only: see the platform's back office for enquiries and complaints"],
  ["抖店 2026-09-29 版", "Doudian 2026-09-29"],
  ["周一 22 点的轮次", "Rounds of Monday, 22:00"],
  ["磁盘空间不够 / not enough disk space", "not enough disk space"],
  ["买家写的话", "买家写的话"],
])("%s", (chinese, english) => {
  expect(inEnglish(chinese)).toBe(english);
});

test("the label of a picture is said in English, what people wrote behind it or alone is not", () => {
  expect([saidLabel("[图片]"), saidLabel("[语音]好的"), saidLabel("好"), saidLabel("[随便] 好")]).toEqual(["[picture]", "[voice]好的", "好", "[随便] 好"]);
});

test("in Chinese the server's words stay, without the English half", () => {
  prefer({ locale: "zh" });
  expect(said("晚间 ≤20 秒")).toBe("晚间 ≤20 秒");
  expect(said("磁盘空间不够 / not enough disk space")).toBe("磁盘空间不够");
});
