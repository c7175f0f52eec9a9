// TOML text to a tree that remembers line and column. The only file that names toml++ is toml.cc.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace veilroute::toml {

/// Where in a text something stands; lines and columns start at 1.
struct Place {
  std::string file;
  std::uint32_t line = 1;
  std::uint32_t column = 1;
  /// "config/site.toml:41:3"
  [[nodiscard]] std::string text() const;
};

enum class Kind : std::uint8_t { text, integer, real, boolean, date, array, table };

struct Member;

/// One value with its place. Keys of a table keep the order in which they were written.
struct Node {
  Kind kind = Kind::table;
  Place place;                 ///< of the value
  std::string string;          ///< text; or the date as "YYYY-MM-DD"
  std::int64_t integer = 0;
  double real = 0;
  bool boolean = false;
  std::vector<Node> items;     ///< array
  std::vector<Member> members;              ///< table
  std::map<std::string, Place> key_places;  ///< table: where each key stands

  [[nodiscard]] const Node* find(std::string_view key) const;
};

struct Member {
  std::string key;
  Node value;
};

/// The kind in a person's words: "text", "whole number", "list", ...
std::string_view describe(Kind kind);

struct SyntaxError {
  Place place;
  std::string what;
};

/// The whole text as a table, or the first syntax error.
struct Parsed {
  Node root;
  std::optional<SyntaxError> error;
};
Parsed parse(std::string_view text, const std::string& file);

}  // namespace veilroute::toml
