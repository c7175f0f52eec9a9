// A condition's tree and its parser: shared by parse_condition.cc and condition.cc alone, and by the
// loader, which wants a mistake's place as a place.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/condition.h"

namespace veilroute::config {

enum class Operator : std::uint8_t {
  equal,
  not_equal,
  less,
  less_or_equal,
  greater,
  greater_or_equal,
  in_list,
  in_group,
  like,
  present,
};

/// A value as the operator wrote it.
struct Literal {
  std::string text;
  std::optional<double> number;  ///< set for a number without quotes
  toml::Place place;
};

/// One comparison.
struct Leaf {
  std::string about;             ///< one of the four words of Subject::about; empty: `path`
  std::vector<dicom::Tag> path;
  Operator op = Operator::equal;
  bool all = false;              ///< every value, not any
  std::vector<Literal> operands; ///< one; several for in_list; none for present
  std::string sentence;          ///< as written, with single spaces
};

struct Condition::Node {
  enum class Kind : std::uint8_t { both, either, negation, comparison };
  Kind kind = Kind::comparison;
  std::vector<std::shared_ptr<const Node>> children;
  Leaf leaf;
};

struct ConditionMistake {
  toml::Place place;
  std::string what;
  std::string slug;
};

struct ParsedCondition {
  std::shared_ptr<const Condition::Node> root;  ///< null when there is a mistake
  std::vector<std::vector<dicom::Tag>> paths;
  std::optional<ConditionMistake> mistake;
};
/// `where` is the place of the first character of `text`.
ParsedCondition parse_condition(std::string_view text, const toml::Place& where);

}  // namespace veilroute::config
