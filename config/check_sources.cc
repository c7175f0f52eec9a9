// Sources: can each of them call, and be told from the others? scp::admit takes the first that fits.
#include <algorithm>

#include "config/check_parts.h"
#include "config/words.h"

namespace veilroute::config {

namespace {

/// Two texts of which an empty one means any.
bool may_meet(const std::string& a, const std::string& b) {
  return a.empty() || b.empty() || a == b;
}

bool may_meet(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  if (a.empty() || b.empty()) return true;
  return std::any_of(a.begin(), a.end(), [&](const std::string& left) {
    return std::any_of(b.begin(), b.end(), [&](const std::string& right) {
      return overlap(parse_network(left).value(), parse_network(right).value());
    });
  });
}

bool is_whole(const TableReader& table) {
  constexpr const char* kTelling[] = {"ae_title", "addresses", "called_ae", "cert_sha256",
                                      "listener"};
  return std::none_of(std::begin(kTelling), std::end(kTelling),
                      [&](const char* key) { return table.is_faulty(key); });
}

/// Could one caller be taken for either?
bool may_be_mistaken(const Source& a, const Source& b, const Site& site) {
  const auto called = [&](const Source& one) {
    return one.called_ae.empty() ? site.ae_title.value : one.called_ae;
  };
  return !a.ae_title.value.empty() && a.ae_title == b.ae_title &&
         may_meet(a.addresses, b.addresses) && may_meet(a.listener, b.listener) &&
         may_meet(a.cert_sha256, b.cert_sha256) && may_meet(called(a), called(b));
}

void check_distinct(const Draft& draft) {
  // Called AE titles go by the site's.
  if (draft.config.site.ae_title.value.empty()) return;
  const auto& sources = draft.config.sources;
  for (std::size_t late = 1; late < sources.size(); ++late) {
    const TableReader& table = draft.sources[late];
    for (std::size_t early = 0; early < late && is_whole(table); ++early) {
      const TableReader& other = draft.sources[early];
      if (!is_whole(other)) continue;
      if (!may_be_mistaken(sources[early], sources[late], draft.config.site)) continue;
      table.problem(table.place("ae_title"),
                    "could be mistaken for " + other.label() + " at " +
                        other.place("ae_title").text() +
                        ": the AE title is the same, and neither addresses, listener, called_ae "
                        "nor cert_sha256 tells them apart",
                    "source.ambiguous");
      break;
    }
  }
}

const Listener* find_listener(const Draft& draft, const std::string& name) {
  const auto& all = draft.config.listeners;
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.name.value == name; });
  return found == all.end() ? nullptr : &*found;
}

void check_listener(const Draft& draft, const TableReader& table, const Source& source) {
  if (source.listener.empty() || find_listener(draft, source.listener) != nullptr) return;
  const auto known = names_of(draft.listeners);
  if (known.size() < draft.listeners.size()) return;
  table.problem(table.place("listener"), unknown_word("listener", source.listener, known),
                "source.unknown-listener");
}

/// Without TLS nobody shows a certificate: the source could never call.
void check_pin(const Draft& draft, const TableReader& table, const Source& source) {
  if (source.cert_sha256.empty()) return;
  const auto has_tls = [](const Listener& one) { return one.protocol == Protocol::dicom_tls; };
  const auto& all = draft.config.listeners;
  const Listener* own = find_listener(draft, source.listener);
  const bool reachable =
      source.listener.empty() ? std::any_of(all.begin(), all.end(), has_tls)
                              : own == nullptr || has_tls(*own);
  if (reachable) return;
  table.problem(table.place("cert_sha256"),
                source.listener.empty()
                    ? "a certificate is only shown with dicom+tls, and no listener speaks it"
                    : "a certificate is only shown with dicom+tls, which listener \"" +
                          source.listener + "\" does not speak",
                "source.pin-without-tls");
}

}  // namespace

void check_sources(const Draft& draft) {
  check_names(draft.sources, "source.repeated-name");
  check_reserved_name(draft.sources, "source.reserved-name");
  check_distinct(draft);
  for (std::size_t i = 0; i < draft.sources.size(); ++i) {
    check_listener(draft, draft.sources[i], draft.config.sources[i]);
    check_pin(draft, draft.sources[i], draft.config.sources[i]);
  }
}

}  // namespace veilroute::config
