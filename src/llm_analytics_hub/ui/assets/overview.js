// What only the browser knows, and what needs no answer of the hub.
window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.overview = {
  zone: () => Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC",

  viewer: function (search) {
    if (search === undefined || search === null) return window.dash_clientside.no_update;
    return {
      search: search,
      zone: window.dash_clientside.overview.zone(),
      scheme: document.documentElement.getAttribute("data-mantine-color-scheme"),
    };
  },

  recolour: function (scheme, templates, ...figures) {
    return figures.map((figure) =>
      scheme && figure && figure.layout
        ? { ...figure, layout: { ...figure.layout, template: templates[scheme] } }
        : window.dash_clientside.no_update
    );
  },
};
