// One table of the configuration against the keys it may have.
#include "config/read_table.h"

#include <algorithm>
#include <map>

#include "config/check_value.h"
#include "config/condition_tree.h"
#include "config/words.h"

namespace veilroute::config {

namespace {

const KeyInfo* find_info(std::string_view table, std::string_view key) {
  const auto found = std::find_if(keys().begin(), keys().end(), [&](const KeyInfo& info) {
    return info.table == table && info.key == key;
  });
  return found == keys().end() ? nullptr : &*found;
}

/// Whose keys the table below a key has: several may have the same.
std::string table_below(const KeyInfo& info) {
  return info.range.empty() ? info.table + "." + info.key : info.range;
}

std::vector<std::string> keys_of(std::string_view table) {
  std::vector<std::string> names;
  for (const KeyInfo& info : keys()) {
    if (info.table == table) names.push_back(info.key);
  }
  return names;
}

/// The fallbacks of keys() as values, read once by the same reader that reads the operator's.
const toml::Node* fallback_of(const KeyInfo& info) {
  static const auto all = [] {
    std::map<std::pair<std::string, std::string>, toml::Node> nodes;
    for (const KeyInfo& one : keys()) {
      if (one.fallback == "required" || one.fallback == "none") continue;
      auto parsed = toml::parse("v = " + one.fallback, "keys");
      if (parsed.error) die("a fallback in the table of keys is not TOML");
      nodes.emplace(std::pair(one.table, one.key), *parsed.root.find("v"));
    }
    return nodes;
  }();
  const auto found = all.find({info.table, info.key});
  return found == all.end() ? nullptr : &found->second;
}

/// "a list", but "text" and "true or false".
std::string with_article(toml::Kind kind) {
  const std::string name(toml::describe(kind));
  return kind == toml::Kind::text || kind == toml::Kind::boolean ? name : "a " + name;
}

const toml::Node& empty_table() {
  static const toml::Node node;
  return node;
}

}  // namespace

toml::Place SourceTexts::inside(const toml::Place& value) const {
  const auto source = std::find_if(texts_.begin(), texts_.end(),
                                   [&](const auto& one) { return one.first == value.file; });
  toml::Place place = value;
  ++place.column;
  if (source == texts_.end()) return place;
  const std::string_view text = source->second;
  std::size_t at = 0;
  for (std::uint32_t line = 1; line < value.line && at < text.size(); ++line) {
    at = std::min(text.find('\n', at), text.size() - 1) + 1;
  }
  for (std::uint32_t column = 1; column < value.column && at < text.size();) {
    ++at;
    // Columns count characters: the tail of one in UTF-8 is not another.
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U) ++at;
    ++column;
  }
  const std::string_view opening = text.substr(std::min(at, text.size()), 3);
  if (opening != "'''" && opening != "\"\"\"") return place;
  place.column += 2;
  // A line break right after the opening marks is not part of the text.
  const std::string_view rest = text.substr(at + 3, 2);
  if (rest.starts_with("\n") || rest == "\r\n") {
    ++place.line;
    place.column = 1;
  }
  return place;
}

std::size_t SourceTexts::rank(const std::string& file) const {
  const auto source = std::find_if(texts_.begin(), texts_.end(),
                                   [&](const auto& one) { return one.first == file; });
  return static_cast<std::size_t>(source - texts_.begin());
}

std::string label_of(const std::string& table, const toml::Node& node) {
  const toml::Node* name = node.find("name");
  if (name == nullptr || !is_name(name->string) || table == "site") return table;
  return table + " \"" + name->string + "\"";
}

TableReader::TableReader(const toml::Node& node, std::string table, std::string label,
                         Reading& reading)
    : TableReader(Silent{}, node, std::move(table), std::move(label), reading) {
  check_members();
}

void TableReader::problem(const toml::Place& where, const std::string& what, std::string slug,
                          bool warning) const {
  reading_->problems.push_back({where, label_ + ": " + what, std::move(slug), warning});
}

toml::Place TableReader::place(std::string_view key) const {
  const toml::Node* value = node_->find(key);
  return value == nullptr ? node_->place : value->place;
}

void TableReader::check_members() {
  for (const auto& [key, value] : node_->members) {
    if (const KeyInfo* info = find_info(table_, key)) {
      check_member(*info, value);
    } else {
      report_unknown(key);
    }
  }
  for (const KeyInfo& info : keys()) {
    if (info.table == table_ && info.fallback == "required" && !has(info.key)) {
      problem(node_->place, "\"" + info.key + "\" is missing: " + info.what, "config.missing-key");
    }
  }
}

void TableReader::check_member(const KeyInfo& info, const toml::Node& value) {
  const std::string key = "\"" + info.key + "\" ";
  const toml::Kind wanted = kind_of(info);
  if (!is_of_kind(info, value)) {
    problem(value.place,
            key + "must be " +
                (wanted == toml::Kind::real ? "a number" : with_article(wanted)) + ", not " + with_article(value.kind),
            "config.wrong-kind");
  } else if (const auto faults = faults_of(info, value); !faults.empty()) {
    for (const ValueFault& fault : faults) problem(fault.place, key + fault.what, fault.slug);
  } else if (wanted == toml::Kind::table) {
    TableReader(value, table_below(info), label_ + ": " + info.key, *reading_);
  } else if (info.type == "condition") {
    const auto parsed = parse_condition(value.string, reading_->texts.inside(value.place));
    if (!parsed.mistake) return;
    problem(parsed.mistake->place, key + "- " + parsed.mistake->what, parsed.mistake->slug);
  }
}

void TableReader::report_unknown(const std::string& key) {
  const auto known = keys_of(table_);
  const std::string near = nearest(key, known);
  std::string what = "there is no key \"" + key + "\"; ";
  if (!near.empty()) {
    what += "did you mean \"" + near + "\"?";
  } else {
    what += "there are ";
    for (const std::string& one : known) what += (one == known.front() ? "" : ", ") + one;
  }
  problem(node_->key_places.at(key), what, "config.unknown-key");
}

const toml::Node* TableReader::find(std::string_view key) const {
  const KeyInfo* info = find_info(table_, key);
  if (info == nullptr) die("a key is asked for that the table of keys does not have");
  return has(key) && !is_faulty(key) ? node_->find(key) : fallback_of(*info);
}

bool TableReader::is_faulty(std::string_view key) const {
  const KeyInfo* info = find_info(table_, key);
  const toml::Node* value = node_->find(key);
  if (info == nullptr || value == nullptr) return false;
  return !is_of_kind(*info, *value) || fault_of(*info, *value);
}

std::string TableReader::text(std::string_view key) const {
  const toml::Node* value = find(key);
  return value == nullptr ? std::string() : value->string;
}

std::uint64_t TableReader::number(std::string_view key) const {
  const toml::Node* value = find(key);
  return value == nullptr ? 0 : static_cast<std::uint64_t>(value->integer);
}

double TableReader::real(std::string_view key) const {
  const toml::Node* value = find(key);
  return value == nullptr ? 0 : real_of(*value);
}

bool TableReader::truth(std::string_view key) const {
  const toml::Node* value = find(key);
  return value != nullptr && value->boolean;
}

Duration TableReader::duration(std::string_view key) const {
  return parse_duration(text(key)).value_or(Duration(0));
}

std::chrono::seconds TableReader::seconds(std::string_view key) const {
  return std::chrono::duration_cast<std::chrono::seconds>(duration(key));
}

std::uint64_t TableReader::size(std::string_view key) const {
  return parse_size(text(key)).value_or(0);
}

std::chrono::year_month_day TableReader::date(std::string_view key) const {
  return parse_date(text(key)).value_or(std::chrono::year_month_day{});
}

std::vector<std::string> TableReader::list(std::string_view key) const {
  std::vector<std::string> words;
  if (const toml::Node* value = find(key)) {
    for (const toml::Node& item : value->items) words.push_back(item.string);
  }
  return words;
}

std::filesystem::path TableReader::path(std::string_view key) const {
  const std::string written = text(key);
  if (written.empty()) return {};
  return (reading_->folder / written).lexically_normal();
}

Condition TableReader::condition(std::string_view key) const {
  const toml::Node* value = find(key);
  if (value == nullptr) return {};
  auto parsed = Condition::parse(value->string, reading_->texts.inside(value->place));
  return parsed.ok() ? std::move(parsed).value() : Condition();
}

TableReader TableReader::below(std::string_view key) const {
  const toml::Node* value = node_->find(key);
  const bool good = value != nullptr && value->kind == toml::Kind::table;
  const KeyInfo* info = find_info(table_, key);
  if (info == nullptr) die("a table is asked for that the table of keys does not have");
  return {Silent{}, good ? *value : empty_table(), table_below(*info),
          label_ + ": " + std::string(key), *reading_};
}

}  // namespace veilroute::config
