# syntax=docker/dockerfile:1
# What of this is tested, and how, is in docs/deployment.md.

FROM node:20.20.2-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY prisma.config.ts tsconfig.json tsconfig.build.json codegen.ts schema.graphql ./
COPY prisma ./prisma
COPY src ./src
COPY scripts ./scripts
COPY apollo ./apollo
COPY web ./web
RUN npm run build
# An optional peer is kept by --omit=dev: of @prisma/client that is Prisma's command line, with a MySQL driver.
RUN npm pkg delete devDependencies && npm prune --omit=peer --ignore-scripts

FROM node:20.20.2-bookworm-slim
# ffmpeg for films, all of Perl for exiftool; tini ends what dead children leave, and hands signals on.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ffmpeg perl tini \
  && rm -rf /var/lib/apt/lists/* \
  && install -d -o 1000 -g 1000 /data /media
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/prisma/migrations ./prisma/migrations
COPY --from=build /app/dist ./dist
ENV NODE_ENV=production HOME=/tmp HOST=0.0.0.0 PORT=4000 DATABASE_URL=file:/data/media_store.db MEDIA_DIR=/media
# A number, so that an orchestrator can tell that it is not root. The user node of the base image.
USER 1000:1000
VOLUME ["/data", "/media"]
EXPOSE 4000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=5m --start-interval=2s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/readyz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["tini", "--"]
CMD ["node", "dist/main.js"]
