// Listeners: can each of them be opened beside the others?
#include "config/check_parts.h"
#include "config/words.h"

namespace veilroute::config {

namespace {

bool same_port(const Endpoint& a, const Endpoint& b) {
  // Port 0 takes a free one each time.
  if (a.port != b.port || a.port == 0) return false;
  if (a.host == b.host || is_any_address(a.host) || is_any_address(b.host)) return true;
  const auto left = parse_network(a.host);
  const auto right = parse_network(b.host);
  if (left && right) return overlap(*left, *right);
  return is_loopback(a.host) && is_loopback(b.host);
}

void check_ports(const Draft& draft) {
  const auto& listeners = draft.config.listeners;
  for (std::size_t late = 1; late < listeners.size(); ++late) {
    for (std::size_t early = 0; early < late; ++early) {
      if (!same_port(listeners[early].bind, listeners[late].bind)) continue;
      const TableReader& table = draft.listeners[late];
      table.problem(table.place("bind"),
                    "port " + std::to_string(listeners[late].bind.port) + " is taken by " +
                        draft.listeners[early].label() + " at " +
                        draft.listeners[early].place("bind").text(),
                    "listener.same-port");
      break;
    }
  }
}

}  // namespace

void check_listeners(const Draft& draft) {
  check_names(draft.listeners, "listener.repeated-name");
  check_reserved_name(draft.listeners, "listener.reserved-name");
  check_ports(draft);
  for (const TableReader& table : draft.listeners) {
    if (table.text("protocol") == "stow") {
      table.problem(table.place("protocol"),
                    "this version sends by STOW-RS and does not take objects by it yet; use \"dicom+tls\" "
                    "or \"dicom\"",
                    "listener.stow");
    }
    check_tls(table, {"client_ca", "listener.missing-tls-file", "listener.needless-tls-file", true});
  }
}

}  // namespace veilroute::config
