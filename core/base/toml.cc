// The only file that names toml++ (its header is slow to compile). Its tree becomes ours.
#include "core/base/toml.h"

#include <toml++/toml.h>

#include <algorithm>
#include <cstdio>

namespace veilroute::toml {

namespace {

namespace pp = ::toml;

/// Tables, lists and dotted keys inside one another. toml++ walks and frees its tree by recursion,
/// so that a text nested a hundred thousand deep would end the process; ours never needs ten.
constexpr std::uint32_t kDeepest = 32;

/// Looks over the text before toml++ sees it and names the first place that is nested too deeply.
/// Follows strings and comments only as far as needed not to count what is inside of them; where a
/// text is not TOML at all it may count wrongly, and toml++ says what is wrong.
class DepthGuard {
 public:
  explicit DepthGuard(std::string_view text) : text_(text) {}

  /// Line and column of the first excess, or nothing.
  std::optional<std::pair<std::uint32_t, std::uint32_t>> find() {
    while (at_ < text_.size()) {
      if (!step()) return std::pair(line_, column_);
    }
    return std::nullopt;
  }

 private:
  bool step() {
    const char c = text_[at_];
    if (c == '#') {
      while (at_ < text_.size() && text_[at_] != '\n') advance();
      return true;
    }
    if (c == '"' || c == '\'') {
      skip_string(c);
      return true;
    }
    if (c == '[' || c == '{') {
      dots_ = 0;
      if (++depth_ > kDeepest) return false;
    } else if (c == ']' || c == '}') {
      dots_ = 0;
      if (depth_ > 0) --depth_;
    } else if (c == '.') {
      if (++dots_ > kDeepest) return false;
    } else if (c == '=' || c == ',' || c == '\n') {
      dots_ = 0;
    }
    advance();
    return true;
  }

  void skip_string(char quote) {
    const std::string three(3, quote);
    const bool is_long = text_.substr(at_, 3) == three;
    advance(is_long ? 3 : 1);
    while (at_ < text_.size()) {
      if (is_long ? text_.substr(at_, 3) == three : text_[at_] == quote || text_[at_] == '\n') {
        advance(is_long ? 3 : 1);
        return;
      }
      advance(quote == '"' && text_[at_] == '\\' ? 2 : 1);
    }
  }

  void advance(std::size_t count = 1) {
    for (; count > 0 && at_ < text_.size(); --count, ++at_) {
      if (text_[at_] == '\n') {
        ++line_;
        column_ = 1;
      } else {
        ++column_;
      }
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::uint32_t line_ = 1;
  std::uint32_t column_ = 1;
  std::uint32_t depth_ = 0;
  std::uint32_t dots_ = 0;
};

Place place_of(const pp::source_position& position, const std::string& file) {
  return {file, std::max<std::uint32_t>(position.line, 1),
          std::max<std::uint32_t>(position.column, 1)};
}

/// toml++'s tree to ours. Stops at the first value of a kind we do not use.
class Converter {
 public:
  Converter(const std::string& file, std::optional<SyntaxError>& error)
      : file_(file), error_(error) {}

  Node convert(const pp::node& source) {
    Node node;
    node.place = place_of(source.source().begin, file_);
    if (const pp::table* table = source.as_table()) {
      fill_table(*table, node);
    } else if (const pp::array* array = source.as_array()) {
      node.kind = Kind::array;
      for (const pp::node& item : *array) node.items.push_back(convert(item));
    } else {
      fill_value(source, node);
    }
    return node;
  }

 private:
  void fill_table(const pp::table& table, Node& node) {
    node.kind = Kind::table;
    // toml++ sorts keys by name; the places tell the order in which they were written.
    std::vector<std::pair<const pp::key*, const pp::node*>> members;
    for (const auto& [key, value] : table) members.emplace_back(&key, &value);
    std::stable_sort(members.begin(), members.end(), [](const auto& a, const auto& b) {
      const auto left = a.first->source().begin;
      const auto right = b.first->source().begin;
      return std::pair(left.line, left.column) < std::pair(right.line, right.column);
    });
    for (const auto& [key, value] : members) {
      const std::string name(key->str());
      node.key_places.emplace(name, place_of(key->source().begin, file_));
      node.members.push_back({name, convert(*value)});
    }
  }

  void fill_value(const pp::node& source, Node& node) {
    if (const auto* text = source.as_string()) {
      node.kind = Kind::text;
      node.string = text->get();
    } else if (const auto* whole = source.as_integer()) {
      node.kind = Kind::integer;
      node.integer = whole->get();
    } else if (const auto* real = source.as_floating_point()) {
      node.kind = Kind::real;
      node.real = real->get();
    } else if (const auto* truth = source.as_boolean()) {
      node.kind = Kind::boolean;
      node.boolean = truth->get();
    } else if (const auto* date = source.as_date()) {
      node.kind = Kind::date;
      char written[24];
      std::snprintf(written, sizeof written, "%04u-%02u-%02u", unsigned{date->get().year},
                    unsigned{date->get().month}, unsigned{date->get().day});
      node.string = written;
    } else if (!error_) {
      error_ = SyntaxError{node.place, "times of day are not used here; write a date, YYYY-MM-DD"};
    }
  }

  const std::string& file_;
  std::optional<SyntaxError>& error_;
};

}  // namespace

std::string Place::text() const {
  return file + ":" + std::to_string(line) + ":" + std::to_string(column);
}

const Node* Node::find(std::string_view key) const {
  for (const auto& [name, value] : members) {
    if (name == key) return &value;
  }
  return nullptr;
}

std::string_view describe(Kind kind) {
  switch (kind) {
    case Kind::text:
      return "text";
    case Kind::integer:
      return "whole number";
    case Kind::real:
      return "number with a point";
    case Kind::boolean:
      return "true or false";
    case Kind::date:
      return "date";
    case Kind::array:
      return "list";
    case Kind::table:
      return "table";
  }
  return "unknown kind";
}

Parsed parse(std::string_view text, const std::string& file) {
  Parsed parsed;
  parsed.root.place.file = file;
  if (const auto excess = DepthGuard(text).find()) {
    parsed.error = SyntaxError{{file, excess->first, excess->second},
                               "tables, lists or dotted keys are nested too deeply"};
    return parsed;
  }
  try {
    const pp::table table = pp::parse(text, file);
    parsed.root = Converter(file, parsed.error).convert(table);
  } catch (const pp::parse_error& problem) {
    parsed.error =
        SyntaxError{place_of(problem.source().begin, file), std::string(problem.description())};
  } catch (const std::exception&) {
    parsed.error = SyntaxError{{file, 1, 1}, "this text could not be read"};
  }
  return parsed;
}

}  // namespace veilroute::toml
