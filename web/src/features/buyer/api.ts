import { queryOptions } from "@tanstack/react-query";
import { api, ask } from "@/api/client";
import type { components } from "@/api/schema";

export type Order = components["schemas"]["OrderOut"];
export type OrderDetail = components["schemas"]["OrderDetailOut"];
export type Parcel = components["schemas"]["ParcelOut"];
export type Aftersale = components["schemas"]["AftersaleOut"];

/** A buyer's orders over all platforms, newest first. */
export const ordersOf = (buyerId: number) =>
  queryOptions({
    queryKey: ["trade", "orders", buyerId] as const,
    queryFn: async () => (await ask(api.GET("/api/buyers/{buyer_id}/orders", { params: { path: { buyer_id: buyerId } } }))).items,
    staleTime: 60_000,
  });

/** One order with its parcels and their routes. */
export const orderDetail = (orderId: number) =>
  queryOptions({
    queryKey: ["trade", "order", orderId] as const,
    queryFn: () => ask(api.GET("/api/orders/{order_id}", { params: { path: { order_id: orderId } } })),
    staleTime: 60_000,
  });

/** Asks the platform about an order again; the answer comes by the feed. */
export const refreshOrder = (orderId: number) => ask(api.POST("/api/orders/{order_id}/refresh", { params: { path: { order_id: orderId } } }));

export type Ticket = components["schemas"]["ServiceTicketOut"];

/** The platform's complaint tickets about one order, newest first. */
export const ticketsOf = (platformOrderId: string) =>
  queryOptions({
    queryKey: ["trade", "tickets", platformOrderId] as const,
    queryFn: async () => (await ask(api.GET("/api/service-tickets", { params: { query: { order_number: platformOrderId, limit: 20 } } }))).items,
    staleTime: 60_000,
  });

export type Buyer = components["schemas"]["BuyerOut"];

/** A buyer's masked profile with the accounts on all platforms. */
export const buyerQuery = (buyerId: number) =>
  queryOptions({ queryKey: ["buyers", "buyer", buyerId] as const, queryFn: () => ask(api.GET("/api/buyers/{buyer_id}", { params: { path: { buyer_id: buyerId } } })), staleTime: 60_000 });

/** Why the accounts of a buyer are held to be one person's. */
export const evidenceQuery = (buyerId: number) =>
  queryOptions({ queryKey: ["buyers", "evidence", buyerId] as const, queryFn: async () => (await ask(api.GET("/api/buyers/{buyer_id}/evidence", { params: { path: { buyer_id: buyerId } } }))).items, staleTime: 60_000 });
