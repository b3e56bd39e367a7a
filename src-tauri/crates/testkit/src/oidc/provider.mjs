// A certified OpenID provider with one public, native client. Says on its output what it granted and refused.
import process from "node:process";
import Provider from "oidc-provider";

const [port, life] = process.argv.slice(2).map(Number);

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: "sidecard",
      application_type: "native",
      token_endpoint_auth_method: "none",
      grant_types: ["authorization_code", "refresh_token"],
      // A native client's loopback address is good for any port.
      redirect_uris: ["http://127.0.0.1/callback"],
    },
  ],
  cookies: { keys: ["test"] },
  features: { devInteractions: { enabled: true } },
  issueRefreshToken: () => true,
  pkce: { required: () => true },
  rotateRefreshToken: true,
  ttl: { AccessToken: life, RefreshToken: 3600, Grant: 3600, Interaction: 600, Session: 600 },
});

const kind = (context) => context.oidc?.params?.grant_type ?? "unknown";
provider.on("grant.success", (context) => console.log(`granted ${kind(context)}`));
provider.on("grant.error", (context, error) => console.log(`refused ${kind(context)} ${error.error}`));
provider.listen(port, "127.0.0.1", () => console.log("listening"));
