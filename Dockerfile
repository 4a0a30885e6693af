# syntax=docker/dockerfile:1

FROM node:22-alpine AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY tsconfig.json ./
COPY .ci/bundle.js .ci/console.js .ci/licences.js ./.ci/
COPY lib ./lib
COPY plugins ./plugins
RUN npm run build

FROM node:22-alpine
WORKDIR /app
ENV NODE_ENV=production
ENV PROXY_SERVICES_PORT=8290
ENV PROXY_SERVICES_ADMIN_PORT=9164
# Probes, scrapers and the published port come from outside of the container. Without a token, changes are accepted from inside only.
ENV PROXY_SERVICES_ADMIN_HOST=0.0.0.0
COPY package.json ./
# The command, bundled with its dependencies in a few files, their source maps, and the licences of what is in them.
COPY --from=build /app/dist/lib/cli.js ./dist/lib/cli.js
COPY --from=build /app/dist/lib/cli/main.bundle.* ./dist/lib/cli/
COPY --from=build /app/dist/console ./dist/console
COPY config ./config
USER node
EXPOSE 8290 9164
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PROXY_SERVICES_ADMIN_PORT}/health/live`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "dist/lib/cli.js"]
CMD ["serve", "config/stock-quote"]
