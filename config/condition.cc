// Does a condition hold? Pure; the parser is parse_condition.cc.
#include "config/condition.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "config/condition_tree.h"
#include "config/sop_groups.h"
#include "config/words.h"

namespace veilroute::config {

namespace {

std::optional<double> number_of(std::string_view text) {
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  double value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  // "inf" and "nan" are words of some device, not numbers.
  if (code != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) {
    return std::nullopt;
  }
  return value;
}

bool equals(const std::string& value, const Literal& literal) {
  // In quotes an operand is text: "0123" and "123" are two patients. Without, it is a number: 5 is
  // also "5.0" and "05".
  if (literal.number) return number_of(value) == literal.number;
  return value == literal.text;
}

template <typename T>
bool in_order(const T& left, Operator op, const T& right) {
  switch (op) {
    case Operator::less:
      return left < right;
    case Operator::less_or_equal:
      return left <= right;
    case Operator::greater:
      return left > right;
    default:
      return left >= right;
  }
}

bool compare(const std::string& value, Operator op, const Literal& literal) {
  const auto left = number_of(value);
  const auto right = literal.number ? literal.number : number_of(literal.text);
  if (left && right) return in_order(*left, op, *right);
  // A number against a word has no order; two words have.
  return !literal.number && in_order(value, op, literal.text);
}

/// How many bytes one character has that begins here (UTF-8; others count byte by byte).
std::size_t width_at(std::string_view text, std::size_t at) {
  std::size_t width = 1;
  const auto is_tail = [&](std::size_t i) {
    return (static_cast<unsigned char>(text[i]) & 0xC0U) == 0x80U;
  };
  if (static_cast<unsigned char>(text[at]) < 0xC0U) return width;
  while (width < 4 && at + width < text.size() && is_tail(at + width)) ++width;
  return width;
}

/// `*` any characters, `?` one; steps back to the last star only, so time is at most the product of
/// the two lengths.
bool like(std::string_view value, std::string_view pattern) {
  std::size_t v = 0;
  std::size_t p = 0;
  std::size_t star = std::string_view::npos;
  std::size_t retry = 0;
  while (v < value.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      retry = v;
    } else if (p < pattern.size() && pattern[p] == '?') {
      v += width_at(value, v);
      ++p;
    } else if (p < pattern.size() && lower(pattern[p]) == lower(value[v])) {
      ++v;
      ++p;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      v = ++retry;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

bool value_holds(const std::string& value, const Leaf& leaf) {
  const auto equals_value = [&](const Literal& literal) { return equals(value, literal); };
  switch (leaf.op) {
    case Operator::equal:
      return equals(value, leaf.operands.front());
    case Operator::not_equal:
      return !equals(value, leaf.operands.front());
    case Operator::in_list:
      return std::any_of(leaf.operands.begin(), leaf.operands.end(), equals_value);
    case Operator::in_group:
      return is_in_sop_group(leaf.operands.front().text, value);
    case Operator::like:
      return like(value, leaf.operands.front().text);
    case Operator::present:
      return true;
    default:
      return compare(value, leaf.op, leaf.operands.front());
  }
}

std::vector<std::string> values_of(const Leaf& leaf, const Subject& subject) {
  if (leaf.about.empty()) return subject.values(leaf.path);
  std::string value = subject.about(leaf.about);
  if (value.empty()) return {};
  return {std::move(value)};
}

bool leaf_holds(const Leaf& leaf, const Subject& subject) {
  const auto values = values_of(leaf, subject);
  const auto holds = [&](const std::string& value) { return value_holds(value, leaf); };
  // `all` of nothing is false too: nobody means "send it, since there is nothing to compare".
  if (values.empty()) return false;
  return leaf.all ? std::all_of(values.begin(), values.end(), holds)
                  : std::any_of(values.begin(), values.end(), holds);
}

bool node_holds(const Condition::Node& node, const Subject& subject) {
  const auto holds = [&](const auto& child) { return node_holds(*child, subject); };
  switch (node.kind) {
    case Condition::Node::Kind::both:
      return std::all_of(node.children.begin(), node.children.end(), holds);
    case Condition::Node::Kind::either:
      return std::any_of(node.children.begin(), node.children.end(), holds);
    case Condition::Node::Kind::negation:
      return !holds(node.children.front());
    case Condition::Node::Kind::comparison:
      return leaf_holds(node.leaf, subject);
  }
  return false;
}

void explain_node(const Condition::Node& node, const Subject& subject,
                  std::vector<std::pair<std::string, bool>>& out) {
  if (node.kind == Condition::Node::Kind::comparison) {
    out.emplace_back(node.leaf.sentence, leaf_holds(node.leaf, subject));
  }
  for (const auto& child : node.children) explain_node(*child, subject, out);
}

}  // namespace

Condition::Condition() = default;

Result<Condition> Condition::parse(std::string_view text, const toml::Place& where) {
  ParsedCondition parsed = parse_condition(text, where);
  if (parsed.mistake) {
    return make_error(ErrorKind::invalid, parsed.mistake->slug,
                      parsed.mistake->place.text() + ": " + parsed.mistake->what);
  }
  Condition condition;
  condition.root_ = std::move(parsed.root);
  condition.paths_ = std::move(parsed.paths);
  condition.text_ = text;
  return condition;
}

bool Condition::holds(const Subject& subject) const {
  return root_ == nullptr || node_holds(*root_, subject);
}

std::vector<std::pair<std::string, bool>> Condition::explain(const Subject& subject) const {
  std::vector<std::pair<std::string, bool>> leaves;
  if (root_ != nullptr) explain_node(*root_, subject, leaves);
  return leaves;
}

}  // namespace veilroute::config
