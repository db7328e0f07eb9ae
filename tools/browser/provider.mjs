// An identity provider of our own on a free port of loopback: `oidc-provider`, certified by the OpenID
// Foundation, with its own pages for signing in. Everybody who names themselves is who they say.

import Provider from "oidc-provider";

/** Starts it for a client whose pages are at `base`; gives its issuer and what stops it. */
export async function providerStart({ port, base, id, clientId, clientSecret }) {
  const issuer = `http://localhost:${port}`;
  // It notes what a provider in use must have; in a test that hides what failed.
  const { info, warn } = console;
  console.info = console.warn = () => {};
  const provider = new Provider(issuer, {
    clients: [{
      client_id: clientId,
      client_secret: clientSecret,
      redirect_uris: [`${base}/sign-in/oidc/${id}/callback`],
      post_logout_redirect_uris: [`${base}/sign-in`],
    }],
    cookies: { keys: ["only for a test"] },
    pkce: { required: () => true, methods: ["S256"] },
    claims: { openid: ["sub"] },
    async findAccount(_, sub) {
      return { accountId: sub, claims: async () => ({ sub }) };
    },
  });
  const server = await new Promise((resolve, reject) => {
    const listening = provider.listen(port, "127.0.0.1", () => resolve(listening));
    listening.on("error", reject);
  });
  return {
    issuer,
    stop: () => new Promise((resolve) => {
      Object.assign(console, { info, warn });
      server.closeAllConnections();
      server.close(resolve);
    }),
  };
}

/** Signs in on the provider's own pages, and agrees. */
export async function providerSignIn(page, subject) {
  // Its pages ask for a font of another host, which a test does not go to.
  await page.route(/fonts\.googleapis\.com/, (route) => route.fulfill({ contentType: "text/css", body: "" }));
  await page.locator("input[name=login]").fill(subject);
  await page.locator("input[name=password]").fill("any");
  await page.locator("button[type=submit]").click();
  const agree = page.locator("form[action*='/interaction/'] button[type=submit]");
  await agree.click();
  // What its own pages are blamed for is not ours.
  page.faults.splice(0);
}
