(() => {
  const cookie = document.documentElement.dataset.cookie + "=";
  const state = () => (document.cookie.split("; ").find((pair) => pair.startsWith(cookie)) || cookie).slice(cookie.length);
  const embedder = () => {
    const first = location.ancestorOrigins && location.ancestorOrigins[0];
    return first || (document.referrer && new URL(document.referrer).origin);
  };
  const hash = async (text) => {
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
    return btoa(String.fromCharCode(...new Uint8Array(digest))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
  };
  const look = async (message, origin) => {
    const at = typeof message === "string" ? message.lastIndexOf(" ") : -1;
    const [told, salt] = at > 0 ? message.slice(at + 1).split(".") : [];
    if (!told || !salt) return "error";
    const present = state();
    const now = await hash([message.slice(0, at), origin, present, salt].join(" "));
    return present && now === told ? "unchanged" : "changed";
  };
  addEventListener("message", async (event) => {
    const from = embedder();
    if (window.parent === window || (from && from !== event.origin)) return;
    const answer = await look(event.data, event.origin).catch(() => "error");
    event.source.postMessage(answer, event.origin);
  });
})();
