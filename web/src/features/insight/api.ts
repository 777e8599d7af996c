import { queryOptions } from "@tanstack/react-query";
import { api, ask } from "@/api/client";
import type { components } from "@/api/schema";

type Schemas = components["schemas"];
export type Report = Schemas["ReportOut"];
export type Figure = Schemas["FigureOut"];
export type Finding = Schemas["FindingOut"];
export type Evidence = Schemas["DiagnosisEvidenceOut"];
export type Comparison = Schemas["ComparisonOut"];
export type Slice = Schemas["SliceOut"];
export type HeatMap = Schemas["HeatMapOut"];
export type Talk = Schemas["TalkOut"];
export type Change = Schemas["IndicatorChangeOut"];
export type Platform = "douyin" | "tmall" | "jd" | "pinduoduo";
export type HeatBy = "weekday" | "agent" | "group" | "product";
export type FileForm = "html" | "xlsx" | "pdf";

/** What a page is about. Empty days: the last seven that there is data for. */
export interface Span {
  from: string;
  to: string;
  platform: Platform;
}

const asked = (span: Span) => ({ platform: span.platform, ...(span.from && span.to ? { from_on: span.from, to_on: span.to } : {}) });
const TEN_MINUTES = 600_000;
export const reportQuery = (span: Span) => queryOptions({ queryKey: ["insight", "report", span] as const, queryFn: (): Promise<Report> => ask(api.GET("/api/insight/report", { params: { query: { ...asked(span), calibrated: false } } })), staleTime: TEN_MINUTES });
/** Trying every definition takes seconds: asked for only where it is shown. */
export const calibrationQuery = (span: Span) => queryOptions({ queryKey: ["insight", "calibration", span] as const, queryFn: async () => (await ask(api.GET("/api/insight/calibration", { params: { query: asked(span) } }))).calibration, staleTime: TEN_MINUTES });
export const heatQuery = (span: Span, by: HeatBy) => queryOptions({ queryKey: ["insight", "heat", span, by] as const, queryFn: (): Promise<HeatMap> => ask(api.GET("/api/insight/heat", { params: { query: { from_on: span.from, to_on: span.to, platform: span.platform, by } } })), staleTime: TEN_MINUTES });
export const roundsQuery = (span: Span, by: HeatBy, key: string, hour: number | null) => queryOptions({ queryKey: ["insight", "rounds", span, by, key, hour] as const, queryFn: (): Promise<Evidence> => ask(api.GET("/api/insight/rounds", { params: { query: { from_on: span.from, to_on: span.to, platform: span.platform, by, key, ...(hour === null ? {} : { hour }) } } })), staleTime: TEN_MINUTES });
export const talkQuery = (session: string) => queryOptions({ queryKey: ["insight", "talk", session] as const, queryFn: (): Promise<Talk> => ask(api.GET("/api/insight/talk", { params: { query: { session } } })), staleTime: TEN_MINUTES });
export const changesQuery = queryOptions({ queryKey: ["insight", "changes"] as const, queryFn: async (): Promise<Change[]> => (await ask(api.GET("/api/insight/changes"))).items });
export const policiesQuery = queryOptions({ queryKey: ["insight", "policies"] as const, queryFn: async () => (await ask(api.GET("/api/insight/policies"))).items });
export const slicesQuery = (from_on: string, to_on: string, group: "day" | "hour") => queryOptions({ queryKey: ["insight", "slices", from_on, to_on, group] as const, queryFn: async (): Promise<Slice[]> => (await ask(api.GET("/api/insight/responses", { params: { query: { from_on, to_on, group } } }))).slices, staleTime: 60_000 });

export const noteChange = (rule: string, changed_on: string, note: string) => ask(api.POST("/api/insight/changes", { body: { rule, changed_on, note } }));
export const setRuleSettings = (effective_from: string, value: Record<string, unknown>, reason: string) => ask(api.PUT("/api/insight/policies/{kind}", { params: { path: { kind: "rule_settings" } }, body: { effective_from, value, reason } }));
export const setRoundRules = (platform: Platform, effective_from: string, value: Record<string, unknown>, reason: string) => ask(api.PUT("/api/insight/policies/{kind}", { params: { path: { kind: `round_rules.${platform}` } }, body: { effective_from, value, reason } }));
export const reportFile = (span: Span, form: FileForm): Promise<Blob> => ask(api.GET("/api/insight/report/files/{form}", { params: { path: { form }, query: asked(span) }, parseAs: "blob" }) as never);
