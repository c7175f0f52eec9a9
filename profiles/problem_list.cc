// What is wrong with a text, and the word that was probably meant.
#include "profiles/problem_list.h"

#include <utility>

namespace veilroute::profiles {
namespace {

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t i = 0; i < row.size(); ++i) row[i] = i;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t swap = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({swap, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string did_you_mean(std::string_view word, std::span<const std::string_view> valid) {
  const auto nearest = std::min_element(valid.begin(), valid.end(), [word](auto a, auto b) {
    return distance(word, a) < distance(word, b);
  });
  return "; did you mean \"" + std::string(*nearest) + "\"?";
}

void ProblemList::check_keys(const toml::Node& table, std::span<const std::string_view> valid) {
  for (const auto& [key, node] : table.members) {
    if (is_among(key, valid)) continue;
    const auto place = table.key_places.find(key);
    add(place == table.key_places.end() ? node.place : place->second, "profile.unknown-key",
        "unknown key \"" + key + "\"" + did_you_mean(key, valid));
  }
}

const toml::Node* ProblemList::get(const toml::Node& table, std::string_view key, toml::Kind kind) {
  const toml::Node* node = table.find(key);
  if (node == nullptr || node->kind == kind) return node;
  add(node->place, "profile.wrong-kind",
      "\"" + std::string(key) + "\" must be " + std::string(toml::describe(kind)) + ", not " +
          std::string(toml::describe(node->kind)));
  return nullptr;
}

std::string ProblemList::text(const toml::Node& table, std::string_view key) {
  const toml::Node* node = get(table, key, toml::Kind::text);
  return node == nullptr ? std::string() : node->string;
}

}  // namespace veilroute::profiles
