// The monitor's listener: may the state of the site be read there by those who should, alone?
#include "config/check_parts.h"
#include "config/words.h"

namespace veilroute::config {

void check_monitor(const Draft& draft) {
  if (draft.monitor.empty()) return;
  const TableReader& table = draft.monitor.front();
  const MonitorSettings& monitor = draft.config.monitor;
  if (!monitor.bind) {
    if (!table.is_faulty("bind")) {
      table.problem(table.place("bind"),
                    "[monitor] listens nowhere: write bind = \"127.0.0.1:9464\", or leave the table "
                    "out",
                    "monitor.no-bind");
    }
    return;
  }
  const bool half = monitor.cert.empty() != monitor.key.empty();
  if (half) {
    table.problem(table.place(monitor.cert.empty() ? "cert" : "key"),
                  "cert and key go together: the one is of no use without the other",
                  "monitor.missing-tls-file");
  }
  if (!monitor.cert.empty()) check_file(table, "cert", monitor.cert, Readers::anyone);
  if (!monitor.key.empty()) check_file(table, "key", monitor.key, Readers::group);
  if (!monitor.token_file.empty()) {
    check_file(table, "token_file", monitor.token_file, Readers::owner);
  }
  if (is_loopback(monitor.bind->host) || half) return;
  if (monitor.cert.empty() || monitor.token_file.empty()) {
    table.problem(table.place("bind"),
                  "who can reach this address reads how the site does: a listener beside loopback "
                  "needs cert, key and token_file",
                  "monitor.not-protected");
  }
}

}  // namespace veilroute::config
