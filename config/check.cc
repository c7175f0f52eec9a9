// What one line cannot show: the site as a whole; its parts are in check_<part>.cc.
#include "config/check.h"

#include <algorithm>
#include <map>

#include "config/check_parts.h"

namespace veilroute::config {

namespace {

constexpr std::string_view kFilePrefix = "file:";

void check_master_key(const Draft& draft) {
  const TableReader& site = draft.site.front();
  const std::string& place = draft.config.site.master_key;
  if (site.is_faulty("master_key") || !place.starts_with(kFilePrefix)) return;
  check_file(site, "master_key", draft.config.folder / place.substr(kFilePrefix.size()),
             Readers::owner);
}

/// A site may be set up step by step; until it is whole, studies would be refused or wait.
void warn_of_gaps(const Draft& draft) {
  const TableReader& site = draft.site.front();
  const auto warn = [&](const char* what, const char* slug) {
    site.problem(site.place(), what, slug, true);
  };
  if (draft.listeners.empty()) {
    warn("there is no [[listener]], so nothing can be received", "config.no-listeners");
  }
  if (draft.sources.empty()) {
    warn("there is no [[source]], so whoever calls is rejected", "config.no-sources");
  }
  const auto& routes = draft.config.routes;
  if (std::none_of(routes.begin(), routes.end(), [](const Route& one) { return one.enabled; })) {
    warn(routes.empty() ? "there is no [[route]], so every study is held"
                        : "no [[route]] is enabled, so every study is held",
         "config.no-routes");
  }
}

void check_completion(const Draft& draft) {
  if (draft.completion.empty()) return;
  const TableReader& table = draft.completion.front();
  if (table.is_faulty("quiet") || table.is_faulty("longest")) return;
  if (draft.config.completion.quiet <= draft.config.completion.longest) return;
  table.problem(table.place(table.has("quiet") ? "quiet" : "longest"),
                std::string("\"quiet\" is longer than \"longest\"") +
                    note_of_default(table, "quiet", "longest"),
                "completion.quiet-too-long");
}

}  // namespace

void check(const Draft& draft, const std::vector<KnownProfile>& profiles, TimePoint now) {
  if (!draft.site.empty()) {
    check_master_key(draft);
    warn_of_gaps(draft);
  }
  check_completion(draft);
  check_listeners(draft);
  check_sources(draft);
  check_destinations(draft, now);
  check_commitment(draft);
  check_monitor(draft);
  check_alerts(draft);
  check_routes(draft, profiles);
  check_condition_names(draft);
}

void check_names(const std::vector<TableReader>& tables, const char* slug) {
  std::map<std::string, toml::Place> taken;
  for (const TableReader& table : tables) {
    const std::string name = table.text("name");
    if (name.empty()) continue;
    const auto [first, is_new] = taken.emplace(name, table.place("name"));
    if (is_new) continue;
    table.problem(table.place("name"), "the name is taken already at " + first->second.text(),
                  slug);
  }
}

void check_reserved_name(const std::vector<TableReader>& tables, const char* slug) {
  for (const TableReader& table : tables) {
    if (table.text("name") != kBuiltInName) continue;
    table.problem(table.place("name"),
                  "the name is that of what `veilroute submit` takes in; choose another", slug);
  }
}

const char* note_of_default(const TableReader& table, std::string_view a, std::string_view b) {
  return table.has(a) && table.has(b) ? "" : ", of which one holds by default";
}

std::vector<std::string> names_of(const std::vector<TableReader>& tables) {
  std::vector<std::string> names;
  for (const TableReader& table : tables) {
    if (std::string name = table.text("name"); !name.empty()) names.push_back(std::move(name));
  }
  return names;
}

std::string unknown_word(std::string_view kind, const std::string& word,
                         const std::vector<std::string>& known) {
  constexpr std::size_t kMostShown = 12;
  const std::string name(kind);
  const std::string what = name + " \"" + word + "\" does not exist; ";
  if (const std::string near = nearest(word, known); !near.empty()) {
    return what + "did you mean \"" + near + "\"?";
  }
  if (known.empty()) return what + "there is none";
  std::string all;
  for (std::size_t i = 0; i < known.size() && i < kMostShown; ++i) {
    all += (i == 0 ? "" : ", ") + known[i];
  }
  if (known.size() > kMostShown) {
    all += " and " + std::to_string(known.size() - kMostShown) + " more";
  }
  return what + "there are: " + all;
}

}  // namespace veilroute::config
