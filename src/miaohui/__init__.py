"""秒回 Miaohui: customer-service operations for Douyin shops."""
