// Sources and listeners that conditions name. One that does not exist makes `=` never hold, and, which
// is worse, `!=` and `not` always: everything would go out.
#include <algorithm>

#include "config/check_parts.h"
#include "config/condition_tree.h"

namespace veilroute::config {

namespace {

/// Who goes by a name in conditions.
struct Named {
  std::string_view word;  ///< "source"
  const char* slug;
  std::vector<std::string> known;
};

bool asks_for_names(const Leaf& leaf, const Named& named) {
  return leaf.about == named.word && (leaf.op == Operator::equal || leaf.op == Operator::not_equal ||
                                      leaf.op == Operator::in_list);
}

void check_leaf(const TableReader& table, const Leaf& leaf, const Named& named) {
  if (!asks_for_names(leaf, named)) return;
  for (const Literal& literal : leaf.operands) {
    if (std::find(named.known.begin(), named.known.end(), literal.text) != named.known.end()) {
      continue;
    }
    table.problem(literal.place, unknown_word(named.word, literal.text, named.known), named.slug);
  }
}

/// The parser limits how deep this goes.
void check_node(const TableReader& table, const Condition::Node& node, const Named& named) {
  if (node.kind == Condition::Node::Kind::comparison) check_leaf(table, node.leaf, named);
  for (const auto& child : node.children) check_node(table, *child, named);
}

void check_names_in(const Draft& draft, Named named) {
  named.known.emplace_back(kBuiltInName);
  for (const TableReader& table : draft.routes) {
    for (const char* key : {"when", "include"}) {
      if (!table.has(key) || table.is_faulty(key)) continue;
      const auto parsed = parse_condition(table.text(key), table.inside(key));
      if (parsed.root != nullptr) check_node(table, *parsed.root, named);
    }
  }
}

}  // namespace

void check_condition_names(const Draft& draft) {
  auto sources = names_of(draft.sources);
  auto listeners = names_of(draft.listeners);
  // A name that could not be read may be the one that is meant.
  if (sources.size() == draft.sources.size()) {
    check_names_in(draft, {"source", "route.unknown-source", std::move(sources)});
  }
  if (listeners.size() == draft.listeners.size()) {
    check_names_in(draft, {"listener", "route.unknown-listener", std::move(listeners)});
  }
}

}  // namespace veilroute::config
