// Files to Config, or every problem at once.
#include "config/load.h"

#include <algorithm>
#include <array>
#include <map>

#include "config/build_retry.h"
#include "config/build_stow.h"
#include "config/build_watch.h"
#include "config/check.h"
#include "config/read_table.h"
#include "config/url.h"
#include "config/words.h"
#include "core/base/files.h"

extern "C" {
extern const char veilroute_example_site[];
extern const char veilroute_example_site_end[];
}

namespace veilroute::config {

namespace {

constexpr std::uint64_t kLongestFile = 4U << 20U;
constexpr const char* kSiteFile = "site.toml";
constexpr const char* kFolder = "conf.d";
constexpr std::array<std::string_view, 9> kSingleTables = {
    "site", "completion", "spool", "outbox", "commitment", "retention", "monitor", "alerts", "log"};
constexpr std::array<std::string_view, 4> kRepeatedTables = {"listener", "source", "destination",
                                                             "route"};

bool is_single(std::string_view table) {
  return std::find(kSingleTables.begin(), kSingleTables.end(), table) != kSingleTables.end();
}
bool is_repeated(std::string_view table) {
  return std::find(kRepeatedTables.begin(), kRepeatedTables.end(), table) != kRepeatedTables.end();
}

/// The files' tables by name, in the order of files and lines.
class Loader {
 public:
  Loader(const std::filesystem::path& site) {
    std::error_code code;
    reading_.folder = std::filesystem::absolute(site, code).lexically_normal();
  }

  Loaded load(const std::vector<KnownProfile>& profiles, TimePoint now) {
    read_all();
    Draft draft = build();
    // A file that could not be read would make everything that names its parts look wrong.
    if (whole_) check(draft, profiles, now);
    Loaded loaded;
    loaded.problems = std::move(reading_.problems);
    sort(loaded.problems);
    const bool good = std::all_of(loaded.problems.begin(), loaded.problems.end(),
                                  [](const Problem& problem) { return problem.warning; });
    if (good) loaded.config = std::make_shared<const Config>(std::move(draft.config));
    return loaded;
  }

 private:
  void read_all() {
    read_file(kSiteFile);
    const auto folder = reading_.folder / kFolder;
    std::error_code code;
    if (!std::filesystem::exists(folder, code)) return;
    const auto names = real_files()->list(folder);
    if (!names.ok()) return report(place_in(kFolder), "this folder cannot be read",
                                   "config.unreadable");
    for (const std::string& name : *names) {
      if (name.ends_with(".toml") && !name.starts_with(".")) {
        read_file(std::string(kFolder) + "/" + name);
      }
    }
  }

  void read_file(const std::string& file) {
    auto text = read_text_file(reading_.folder / file, kLongestFile);
    if (!text.ok()) {
      reading_.texts.add(file, "");
      return report(place_in(file), "this file cannot be read: " + text.error().detail,
                    "config.unreadable");
    }
    reading_.texts.add(file, *text);
    auto parsed = toml::parse(*text, file);
    if (parsed.error) return report(parsed.error->place, parsed.error->what, "config.syntax");
    roots_.push_back(std::make_unique<toml::Node>(std::move(parsed.root)));
    for (const auto& [name, value] : roots_.back()->members) {
      add_table(name, value, roots_.back()->key_places.at(name));
    }
  }

  void add_table(const std::string& name, const toml::Node& value, const toml::Place& key) {
    if (is_single(name)) return add_single(name, value);
    if (is_repeated(name)) return add_repeated(name, value, key);
    std::vector<std::string> known(kSingleTables.begin(), kSingleTables.end());
    known.insert(known.end(), kRepeatedTables.begin(), kRepeatedTables.end());
    const std::string near = nearest(name, known);
    std::string what = "there is no table \"" + name + "\"; ";
    if (near.empty()) {
      what += "there are";
      for (const std::string& one : known) what += " " + brackets(one);
    } else {
      what += "did you mean " + brackets(near) + "?";
    }
    problem(key, what, "config.unknown-table");
  }

  void add_single(const std::string& name, const toml::Node& value) {
    auto& nodes = tables_[name];
    if (value.kind != toml::Kind::table) {
      return problem(value.place, "write [" + name + "]: there is one only", "config.wrong-kind");
    }
    if (!nodes.empty()) {
      return problem(value.place, "[" + name + "] stands already at " + nodes.front()->place.text(),
                     "config.repeated-table");
    }
    nodes.push_back(&value);
  }

  void add_repeated(const std::string& name, const toml::Node& value, const toml::Place& key) {
    const bool tables = value.kind == toml::Kind::array &&
                        std::all_of(value.items.begin(), value.items.end(), [](const auto& item) {
                          return item.kind == toml::Kind::table;
                        });
    if (!tables) {
      return problem(key, "write [[" + name + "]]: there may be several", "config.wrong-kind");
    }
    for (const toml::Node& item : value.items) tables_[name].push_back(&item);
  }

  static std::string brackets(const std::string& table) {
    return is_single(table) ? "[" + table + "]" : "[[" + table + "]]";
  }

  static toml::Place place_in(const std::string& file) { return {file, 1, 1}; }

  void problem(const toml::Place& place, std::string what, std::string slug) {
    reading_.problems.push_back({place, std::move(what), std::move(slug), false});
  }

  /// A problem after which the files are not whole.
  void report(const toml::Place& place, std::string what, std::string slug) {
    whole_ = false;
    problem(place, std::move(what), std::move(slug));
  }

  std::vector<TableReader> readers(const std::string& table) {
    std::vector<TableReader> all;
    for (const toml::Node* node : tables_[table]) {
      all.emplace_back(*node, table, label_of(table, *node), reading_);
    }
    return all;
  }

  /// The one table, or an empty one for its defaults.
  TableReader single(const std::string& table) {
    static const toml::Node nothing;
    const auto& nodes = tables_[table];
    return {nodes.empty() ? nothing : *nodes.front(), table, table, reading_};
  }

  Draft build();
  void build_node(Draft& draft);
  void sort(std::vector<Problem>& problems) const {
    std::stable_sort(problems.begin(), problems.end(), [&](const Problem& a, const Problem& b) {
      const auto key = [&](const Problem& one) {
        return std::tuple(reading_.texts.rank(one.place.file), one.place.line, one.place.column);
      };
      return key(a) < key(b);
    });
  }

  Reading reading_;
  std::vector<std::unique_ptr<toml::Node>> roots_;
  std::map<std::string, std::vector<const toml::Node*>> tables_;
  bool whole_ = true;
};

Protocol protocol_of(const TableReader& table) {
  const std::string word = table.text("protocol");
  if (word == to_string(Protocol::stow)) return Protocol::stow;
  return word == to_string(Protocol::dicom) ? Protocol::dicom : Protocol::dicom_tls;
}

Listener build_listener(const TableReader& table) {
  Listener listener;
  listener.name.value = table.text("name");
  listener.protocol = protocol_of(table);
  listener.bind = parse_endpoint(table.text("bind")).value_or(Endpoint{});
  listener.cert = table.path("cert");
  listener.key = table.path("key");
  listener.client_ca = table.path("client_ca");
  listener.most_associations = static_cast<unsigned>(table.number("most_associations"));
  listener.idle = table.seconds("idle");
  listener.health_ae.value = table.text("health_ae");
  listener.private_classes = table.truth("private_classes");
  return listener;
}

/// Fingerprints are compared as text: one spelling.
std::string lower_case(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

std::optional<ReportPlace> build_report(const TableReader& table, const AeTitle& ae_title) {
  if (!table.has("report")) return std::nullopt;
  const TableReader below = table.below("report");
  ReportPlace place;
  place.protocol = protocol_of(below);
  place.address = {below.text("host"), static_cast<std::uint16_t>(below.number("port"))};
  place.called_ae.value = below.text("called_ae");
  if (place.called_ae.value.empty()) place.called_ae = ae_title;
  place.ca = below.path("ca");
  place.cert = below.path("cert");
  place.key = below.path("key");
  place.cert_sha256 = lower_case(below.text("cert_sha256"));
  return place;
}

Source build_source(const TableReader& table) {
  Source source;
  source.name.value = table.text("name");
  source.ae_title.value = table.text("ae_title");
  source.addresses = table.list("addresses");
  source.called_ae = table.text("called_ae");
  source.cert_sha256 = lower_case(table.text("cert_sha256"));
  source.listener = table.text("listener");
  source.issuer = table.text("issuer");
  source.report = build_report(table, source.ae_title);
  source.most_associations = static_cast<unsigned>(table.number("most_associations"));
  return source;
}

std::optional<Gate> build_gate(const TableReader& table) {
  if (!table.has("gate")) return std::nullopt;
  const TableReader below = table.below("gate");
  return Gate{below.text("basis"), below.text("document"), below.date("valid_until"),
              below.text("approved_by"), table.place("gate")};
}

Destination build_destination(const TableReader& table, const Site& site) {
  Destination destination;
  destination.name.value = table.text("name");
  destination.protocol = protocol_of(table);
  destination.address = {table.text("host"), static_cast<std::uint16_t>(table.number("port"))};
  for (const std::string& text : table.list("endpoints")) {
    destination.others.push_back(parse_host_and_port(text).value_or(Endpoint{}));
  }
  if (!destination.others.empty()) {
    destination.address = destination.others.front();
    destination.others.erase(destination.others.begin());
  }
  destination.called_ae.value = table.text("called_ae");
  destination.calling_ae.value = table.text("calling_ae");
  if (destination.calling_ae.value.empty()) destination.calling_ae = site.ae_title;
  destination.ca = table.path("ca");
  destination.cert = table.path("cert");
  destination.key = table.path("key");
  destination.cert_sha256 = lower_case(table.text("cert_sha256"));
  destination.associations = static_cast<unsigned>(table.number("associations"));
  const std::string scope = table.text("scope");
  destination.scope.value =
      scope == "destination" ? "destination:" + destination.name.value : scope;
  destination.archive = table.truth("archive");
  if (destination.protocol == Protocol::stow) {
    destination.stow = build_stow(table);
    if (const auto url = parse_url(table.text("url"))) destination.address = url->address;
  }
  destination.gate = build_gate(table);
  destination.retry = build_retry(table);
  destination.connect_timeout = table.seconds("connect_timeout");
  destination.answer_timeout = table.seconds("answer_timeout");
  return destination;
}

Route build_route(const TableReader& table) {
  Route route;
  route.name.value = table.text("name");
  route.enabled = table.truth("enabled");
  route.when = table.condition("when");
  route.include = table.condition("include");
  route.destination.value = table.text("destination");
  route.profile.value = table.text("profile");
  route.basis = table.text("basis");
  const TableReader consent = table.below("consent");
  route.consent = {consent.truth("required"), consent.text("reason")};
  route.pixel_trust = table.below("pixels").text("trust");
  route.place = table.place();
  return route;
}

CommitmentSettings build_commitment(const TableReader& table) {
  using Mode = CommitmentSettings::Mode;
  const std::string mode = table.text("mode");
  CommitmentSettings settings;
  if (mode == "custody") settings.mode = Mode::custody;
  if (mode == "archive") settings.mode = Mode::archive;
  settings.custody = table.duration("custody");
  settings.archive_within = table.duration("archive_within");
  settings.report_for = table.duration("report_for");
  return settings;
}

void Loader::build_node(Draft& draft) {
  Config& config = draft.config;
  config.folder = reading_.folder;
  draft.site = readers("site");
  if (draft.site.empty() && whole_) {
    problem(place_in(kSiteFile), "[site] is missing", "config.missing-table");
  }
  if (!draft.site.empty()) {
    const TableReader& site = draft.site.front();
    config.site = {site.text("name"), AeTitle{site.text("ae_title")}, site.path("data_dir"),
                   site.text("master_key")};
  }
  const TableReader completion = single("completion");
  config.completion = {completion.duration("quiet"), completion.duration("longest")};
  if (!tables_["completion"].empty()) draft.completion.push_back(completion);
  const TableReader spool = single("spool");
  config.spool = {spool.size("reserve"), spool.size("quota")};
  const TableReader commitment = single("commitment");
  config.commitment = build_commitment(commitment);
  if (!tables_["commitment"].empty()) draft.commitment.push_back(commitment);
  const TableReader retention = single("retention");
  config.retention = {retention.duration("keep"), retention.duration("superseded"),
                      retention.duration("unusable"), retention.duration("return_window")};
  config.outbox.quota_bytes = single("outbox").size("quota");
  const TableReader monitor = single("monitor");
  config.monitor = build_monitor(monitor);
  if (!tables_["monitor"].empty()) draft.monitor.push_back(monitor);
  const TableReader alerts = single("alerts");
  config.alerts = build_alerts(alerts);
  if (!tables_["alerts"].empty()) draft.alerts.push_back(alerts);
  const TableReader log = single("log");
  config.log = {log.text("level"), log.truth("json")};
}

Draft Loader::build() {
  Draft draft;
  build_node(draft);
  Config& config = draft.config;
  draft.listeners = readers("listener");
  for (const auto& table : draft.listeners) config.listeners.push_back(build_listener(table));
  draft.sources = readers("source");
  for (const auto& table : draft.sources) config.sources.push_back(build_source(table));
  draft.destinations = readers("destination");
  for (const auto& table : draft.destinations) {
    config.destinations.push_back(build_destination(table, config.site));
  }
  draft.routes = readers("route");
  for (const auto& table : draft.routes) config.routes.push_back(build_route(table));
  return draft;
}

}  // namespace

std::string Problem::text() const { return place.text() + "  " + what + "   [" + slug + "]"; }

Loaded load(const std::filesystem::path& site, const std::vector<KnownProfile>& profiles,
            TimePoint now) {
  return Loader(site).load(profiles, now);
}

std::string_view example_site() {
  return {veilroute_example_site,
          static_cast<std::size_t>(veilroute_example_site_end - veilroute_example_site)};
}

}  // namespace veilroute::config
