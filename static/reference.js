// Draws the OpenAPI document with Swagger UI, in the colours that the system has.
'use strict';
{
  const place = document.querySelector('#reference');
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const paint = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
  dark.addEventListener('change', paint);
  paint();
  // Tokens that are typed here stay in the page and go nowhere else than to this portal.
  SwaggerUIBundle({
    url: place.dataset.document,
    domNode: place,
    deepLinking: true,
    docExpansion: 'list',
    defaultModelsExpandDepth: 0,
    defaultModelRendering: 'model',
    displayRequestDuration: true,
    persistAuthorization: false,
    queryConfigEnabled: false,
    tryItOutEnabled: false,
    validatorUrl: null,
    // Its labels are not tied to what they name.
    onComplete: () => {
      const name = () => document.querySelectorAll('select:not([aria-label])').forEach((one) => one.setAttribute('aria-label', one.closest('.servers') ? 'Server' : 'Choice'));
      new MutationObserver(name).observe(place, { childList: true, subtree: true });
      name();
    },
  });
}
