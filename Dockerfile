# The server form of PXE Lab: `pxe-lab respond` or `pxe-lab serve`, without the desktop. README.md says how to run it.
FROM node:24-bookworm-slim AS build
WORKDIR /src
COPY . .
RUN npm ci --no-audit --no-fund && npm pack --pack-destination /tmp && mv /tmp/pxe-lab-*.tgz /tmp/pxe-lab.tgz

FROM node:24-bookworm-slim
COPY --from=build /tmp/pxe-lab.tgz /tmp/pxe-lab.tgz
# Ports below 1024 for a user that is not root: the capability is Node's, and the container has to be given it.
RUN apt-get update \
  && apt-get install -y --no-install-recommends libcap2-bin \
  && npm install --global --omit=dev --ignore-scripts --no-audit --no-fund /tmp/pxe-lab.tgz \
  && setcap cap_net_bind_service=+ep /usr/local/bin/node \
  && apt-get purge -y libcap2-bin && apt-get autoremove -y \
  && rm -rf /var/lib/apt/lists/* /root/.npm /tmp/pxe-lab.tgz \
  && install -d -o node -g node /lab
# The lab file, its boot files and its state, which would lie in the home of its user otherwise.
ENV XDG_STATE_HOME=/lab/.state
WORKDIR /lab
VOLUME /lab
# DHCP, TFTP, boot server, HTTP boot. For readers: broadcasts arrive only with the network of the host.
EXPOSE 67/udp 69/udp 4011/udp 80/tcp
USER node
STOPSIGNAL SIGTERM
ENTRYPOINT ["pxe-lab"]
CMD ["respond", "--config", "/lab/lab.yaml"]
