// The window's texts in English, for browsers that speak it; Chinese stands in the code and is what everybody else reads.
const ENGLISH = {
  "在线客服": "Customer service", "连接中…": "Connecting…", "在线": "Online", "收起窗口": "Close the window",
  "查看更早的消息": "Earlier messages", "聊天记录": "Messages", "对方正在输入": "Typing",
  "本次服务您满意吗？": "How was our service?", "说说您的感受（可不填）": "Anything to add (optional)", "评价内容": "Comment",
  "提交评价": "Send rating", "发送图片或文件": "Send a picture or file", "请输入您的问题": "Write your question",
  "消息内容": "Message", "发送": "Send", "错误": "Error", "图片": "Picture", "表情": "Emoji", "文件": "File",
  "优惠券": "Coupon", "位置": "Place", "引用": "Quote", "请选择": "Please choose", "消息": "Message",
  "暂不支持显示": "Cannot be shown here", "订单": "Order", "商品": "Product", "已评价": "Rated",
  "评价本次服务": "Rate this chat", "邀请您评价": "We would like your rating", "请为本次服务评分": "Please rate this chat",
  "智能客服 · AI 生成": "Assistant · AI generated", "消息已撤回": "Message recalled", "重发": "Send again",
  "发送中…": "Sending…", "已读": "read", "撤回": "Recall", "发送失败": "Not sent",
  "网络不稳定，正在重试…": "Bad connection, trying again…", "正在上传…": "Uploading…",
  "连接已断开，正在重连…": "Connection lost, reconnecting…", "星": "stars", "感谢您的评价": "Thank you for your rating",
  "暂时无法连接": "Cannot connect right now",
};
export const isEnglish = /^en\b/i.test(navigator.language);
export const locale = isEnglish ? "en-GB" : "zh-CN";

/** Returns a text in the visitor's language. */
export const w = (zh) => (isEnglish ? ENGLISH[zh] ?? zh : zh);

/** Puts the fixed texts of the page into the visitor's language. */
export function translatePage() {
  if (!isEnglish) return;
  document.documentElement.lang = "en";
  document.title = w(document.title);
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const said = texts.currentNode.data.trim();
    if (said in ENGLISH) texts.currentNode.data = ENGLISH[said];
  }
  for (const name of ["aria-label", "placeholder", "title"])
    for (const element of document.querySelectorAll(`[${name}]`)) element.setAttribute(name, w(element.getAttribute(name)));
}
