// Is one value what its key takes?
#include "config/check_value.h"

#include <algorithm>

#include "config/url.h"
#include "config/words.h"

namespace veilroute::config {

namespace {

constexpr std::size_t kLongestText = 256;
constexpr std::size_t kFingerprintDigits = 64;
constexpr const char* kMalformed = "config.malformed-value";

using Fault = std::optional<ValueFault>;

std::string shown(const toml::Node& value) {
  if (value.kind == toml::Kind::integer) return std::to_string(value.integer);
  // A long or odd text is not repeated: it may not even be meant for this key.
  const bool odd = value.string.size() > 80 ||
                   std::any_of(value.string.begin(), value.string.end(), [](char c) {
                     return static_cast<unsigned char>(c) < ' ' || c == 0x7F;
                   });
  return odd ? "too long or has control characters" : "\"" + value.string + "\"";
}

/// "1s to 1h" cut at " to ".
std::pair<std::string, std::string> ends_of(const std::string& range) {
  const std::size_t middle = range.find(" to ");
  if (middle == std::string::npos) return {};
  return {range.substr(0, middle), range.substr(middle + 4)};
}

Fault malformed(const toml::Node& value, const std::string& rule) {
  return ValueFault{"is " + shown(value) + "; " + rule, kMalformed, value.place};
}

Fault out_of_range(const KeyInfo& info, const toml::Node& value) {
  return ValueFault{"is " + shown(value) + "; it must be " + info.range, "config.out-of-range",
                    value.place};
}

template <typename Parse>
Fault check_measure(const KeyInfo& info, const toml::Node& value, Parse parse, const char* rule) {
  const auto amount = parse(value.string);
  if (!amount) return malformed(value, rule);
  const auto [least, most] = ends_of(info.range);
  if (!least.empty() && (*amount < *parse(least) || *amount > *parse(most))) {
    return out_of_range(info, value);
  }
  return std::nullopt;
}

Fault check_duration(const KeyInfo& info, const toml::Node& value) {
  auto fault = check_measure(info, value, parse_duration,
                             "a duration is a whole number with ms, s, min, h or d, such as \"30s\"");
  if (fault) return fault;
  const bool whole = *parse_duration(value.string) % std::chrono::seconds(1) == Duration(0);
  if (!whole && info.what.find("whole seconds") != std::string::npos) {
    return malformed(value, "it must be whole seconds");
  }
  return std::nullopt;
}

Fault check_size(const KeyInfo& info, const toml::Node& value) {
  return check_measure(info, value, parse_size,
                       "a size is a whole number with B, kB, MB, GB, TB, KiB, MiB, GiB or TiB, such "
                       "as \"512MiB\"");
}

Fault check_number(const KeyInfo& info, const toml::Node& value) {
  const auto [least, most] = ends_of(info.range);
  if (value.integer < std::stoll(least) || value.integer > std::stoll(most)) {
    return out_of_range(info, value);
  }
  return std::nullopt;
}

/// Also refuses what is no number at all: nan is in no range.
Fault check_real(const KeyInfo& info, const toml::Node& value) {
  const auto [least, most] = ends_of(info.range);
  const double given = real_of(value);
  if (given >= std::stod(least) && given <= std::stod(most)) return std::nullopt;
  return ValueFault{"must be " + info.range, "config.out-of-range", value.place};
}

Fault check_choice(const KeyInfo& info, const toml::Node& value) {
  const auto choices = choices_of(info.range);
  if (std::find(choices.begin(), choices.end(), value.string) != choices.end()) return {};
  const std::string near = nearest(value.string, choices);
  return ValueFault{"is " + shown(value) + "; " +
                        (near.empty() ? "it must be " + info.range : "did you mean \"" + near + "\"?"),
                    "config.unknown-choice", value.place};
}

Fault check_scope(const KeyInfo& info, const toml::Node& value) {
  constexpr std::string_view kProject = "project:";
  if (value.string == "destination" || value.string == "site") return std::nullopt;
  if (value.string.starts_with(kProject) && is_name(value.string.substr(kProject.size()))) return {};
  return malformed(value, "it must be " + info.range);
}

Fault check_networks(const KeyInfo&, const toml::Node& value) {
  for (const toml::Node& item : value.items) {
    if (item.kind != toml::Kind::text) {
      return ValueFault{"must be a list of text, such as [\"10.20.0.0/16\"]", "config.wrong-kind",
                        item.place};
    }
    if (!parse_network(item.string)) {
      return ValueFault{"holds " + shown(item) +
                            "; an address or a network is written as \"10.20.1.5\", \"10.20.0.0/16\" "
                            "or \"fd00::/8\", with zeros behind the prefix",
                        kMalformed, item.place};
    }
  }
  return std::nullopt;
}

Fault check_endpoints(const KeyInfo&, const toml::Node& value) {
  for (const toml::Node& item : value.items) {
    if (item.kind == toml::Kind::text && parse_host_and_port(item.string)) continue;
    return ValueFault{"holds " + (item.kind == toml::Kind::text ? shown(item) : "what is no text") +
                          "; each is a host and a port, such as \"pacs.example:104\" or "
                          "\"[fd00::1]:104\"",
                      kMalformed, item.place};
  }
  return std::nullopt;
}

/// One that is empty counts as absent, and whoever needs it says so; one of blanks alone looks as if
/// something stood there.
bool is_blank(const std::string& text) {
  return !text.empty() && text.find_first_not_of(' ') == std::string::npos;
}

Fault check_text(const KeyInfo&, const toml::Node& value) {
  if (is_blank(value.string)) return malformed(value, "it must say something, or be left out");
  const bool control = std::any_of(value.string.begin(), value.string.end(), [](char c) {
    return static_cast<unsigned char>(c) < ' ' || c == 0x7F;
  });
  if (!control && value.string.size() <= kLongestText) return std::nullopt;
  return malformed(value, "it must be one line of at most 256 bytes");
}

Fault check_path(const KeyInfo& info, const toml::Node& value) {
  if (value.string.empty()) return malformed(value, "it must name a file or folder");
  return check_text(info, value);
}

Fault check_key_place(const KeyInfo& info, const toml::Node& value) {
  if (!value.string.starts_with("file:") || value.string.size() == 5) {
    return malformed(value, "it must be written as \"file:PATH\"");
  }
  return check_text(info, value);
}

Fault check_fingerprint(const KeyInfo&, const toml::Node& value) {
  const auto is_hex = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  };
  const bool good = value.string.size() == kFingerprintDigits &&
                    std::all_of(value.string.begin(), value.string.end(), is_hex);
  return good ? Fault{} : malformed(value, "it must be 64 hexadecimal digits without colons");
}

Fault check_name(const KeyInfo&, const toml::Node& value) {
  if (is_name(value.string)) return std::nullopt;
  return malformed(value, "a name has 1 to 64 letters, digits, \"-\", \"_\" and \".\", and begins with a "
                          "letter or digit");
}

Fault check_ae_title(const KeyInfo&, const toml::Node& value) {
  if (is_ae_title(value.string)) return std::nullopt;
  return malformed(value, "an AE title has 1 to 16 ASCII characters, no backslash, no outer spaces");
}

Fault check_endpoint(const KeyInfo&, const toml::Node& value) {
  if (parse_endpoint(value.string)) return std::nullopt;
  return malformed(value, "it must be an address (no name) and a port, such as "
                          "\"0.0.0.0:11112\" or \"[::]:11112\"");
}

Fault check_host(const KeyInfo&, const toml::Node& value) {
  if (is_host(value.string)) return std::nullopt;
  return malformed(value, "it must be a host name or an address, without a port");
}

/// What was written is not repeated: a password may stand in it.
Fault check_url(const KeyInfo&, const toml::Node& value) {
  if (parse_url(value.string)) return std::nullopt;
  return ValueFault{
      "must be \"https://host\", with a port and a path if need be; no user, no \"?\", no \"#\"",
      kMalformed, value.place};
}

Fault check_date(const KeyInfo&, const toml::Node& value) {
  if (parse_date(value.string)) return std::nullopt;
  return malformed(value, "it must be a date that exists, such as 2027-03-31");
}

Fault anything(const KeyInfo&, const toml::Node&) { return std::nullopt; }

struct Type {
  std::string_view name;
  toml::Kind kind;
  Fault (*check)(const KeyInfo&, const toml::Node&);
};
constexpr Type kTypes[] = {
    {"name", toml::Kind::text, check_name},
    {"text", toml::Kind::text, check_text},
    {"AE title", toml::Kind::text, check_ae_title},
    {"path", toml::Kind::text, check_path},
    {"key place", toml::Kind::text, check_key_place},
    {"host", toml::Kind::text, check_host},
    {"address and port", toml::Kind::text, check_endpoint},
    {"URL", toml::Kind::text, check_url},
    {"fingerprint", toml::Kind::text, check_fingerprint},
    {"choice", toml::Kind::text, check_choice},
    {"scope", toml::Kind::text, check_scope},
    {"duration", toml::Kind::text, check_duration},
    {"size", toml::Kind::text, check_size},
    {"condition", toml::Kind::text, anything},
    {"whole number", toml::Kind::integer, check_number},
    {"number", toml::Kind::real, check_real},
    {"true or false", toml::Kind::boolean, anything},
    {"date", toml::Kind::date, check_date},
    {"list of endpoints", toml::Kind::array, check_endpoints},
    {"list of networks", toml::Kind::array, check_networks},
    {"table", toml::Kind::table, anything},
};

const Type& type_of(const KeyInfo& info) {
  const auto* type = std::find_if(std::begin(kTypes), std::end(kTypes),
                                  [&](const Type& one) { return one.name == info.type; });
  if (type == std::end(kTypes)) die("the table of keys names an unknown type");
  return *type;
}

}  // namespace

double real_of(const toml::Node& value) {
  return value.kind == toml::Kind::integer ? static_cast<double>(value.integer) : value.real;
}

toml::Kind kind_of(const KeyInfo& info) { return type_of(info).kind; }

bool is_of_kind(const KeyInfo& info, const toml::Node& value) {
  const toml::Kind wanted = kind_of(info);
  return value.kind == wanted ||
         (wanted == toml::Kind::real && value.kind == toml::Kind::integer);
}

std::optional<ValueFault> fault_of(const KeyInfo& info, const toml::Node& value) {
  return type_of(info).check(info, value);
}

std::vector<ValueFault> faults_of(const KeyInfo& info, const toml::Node& value) {
  std::vector<ValueFault> faults;
  const auto add = [&](const toml::Node& one) {
    if (auto fault = fault_of(info, one)) faults.push_back(std::move(*fault));
  };
  if (value.kind != toml::Kind::array) {
    add(value);
    return faults;
  }
  for (const toml::Node& item : value.items) {
    toml::Node alone = value;
    alone.items = {item};
    add(alone);
  }
  return faults;
}

std::vector<std::string> choices_of(const std::string& range) {
  std::vector<std::string> choices;
  std::size_t begin = 0;
  while (begin <= range.size()) {
    const std::size_t end = std::min(range.find(" | ", begin), range.size());
    choices.push_back(range.substr(begin, end - begin));
    begin = end + 3;
  }
  return choices;
}

}  // namespace veilroute::config
