"use strict";

const forTrying = () => ({
  statePlugins: {
    spec: {
      wrapActions: {
        updateJsonSpec: (update) => (api) => {
          // Swagger UI fills fields with a parameter's example. Those of the shared parameters are optional headers: with them, each second
          // call would repeat an Idempotency-Key, and each change would expect a revision that nobody has read.
          for (const parameter of Object.values(api.components?.parameters ?? {})) {
            delete parameter.example;
          }
          // The reference shows it, and here it would push the calls several screens down.
          delete api.info?.description;
          return update(api);
        },
      },
    },
  },
});

SwaggerUIBundle({
  // Servers in the document are relative to where it is.
  url: new URL("../openapi.json", document.baseURI).href,
  dom_id: "#swagger-ui",
  plugins: [forTrying],
  deepLinking: true,
  tryItOutEnabled: true,
  // The key is kept in memory, and no other host is asked whether the document is valid.
  persistAuthorization: false,
  validatorUrl: null,
});
