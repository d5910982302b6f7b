# talkgraph in a container: docs/deploy.md says how it is run.
#
#   docker build -t talkgraph .
#   docker run --init -e TALKGRAPH_TOKEN=… -p 8010:8010 -p 40000-40100:40000-40100/udp talkgraph

# Everything that builds: a compiler, headers, npm's packages for development. None of it goes on.
FROM node:22-bookworm-slim AS build
WORKDIR /app
COPY . .
# As root and without a terminal set-up installs what it needs; see src/setup.mjs.
RUN node src/setup.mjs \
 && npm prune --omit=dev --ignore-scripts --no-audit --no-fund \
 && rm -rf dist/test test

FROM node:22-bookworm-slim
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends \
      gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad \
      gstreamer1.0-plugins-ugly gstreamer1.0-libav \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=build /app/package.json /app/LICENSE /app/NOTICE ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/src/cli/talkgraph.mjs src/cli/talkgraph.mjs
COPY --from=build /app/dist dist
# build.mjs is what the package is known by: it is not run here.
COPY --from=build /app/native/build.mjs native/build.mjs
COPY --from=build /app/native/build native/build
COPY --from=build /app/graphs graphs
COPY --from=build /app/models models
COPY --from=build /app/web web
# New avatars and recordings are written here: mount a volume over it to keep them.
COPY --from=build --chown=node:node /app/data data
# The user "node" of the image: by number, as Kubernetes wants to know that it is not root.
USER 1000:1000
ENV NODE_ENV=production TALKGRAPH_RECORDS=/app/data/record
EXPOSE 8010/tcp 40000-40100/udp
STOPSIGNAL SIGTERM
HEALTHCHECK --start-period=30s CMD ["node", "-e", "fetch('http://127.0.0.1:8010/healthz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "src/cli/talkgraph.mjs"]
CMD ["serve", "--host", "0.0.0.0", "--port-range", "40000-40100"]
