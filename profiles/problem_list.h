// Problems of a profile's text, each with its place, and the questions that find them.
#pragma once

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/toml.h"
#include "profiles/profile.h"

namespace veilroute::profiles {

/// Collects what is wrong while one text is read, so that all problems are listed at once.
class ProblemList {
 public:
  void add(const toml::Place& place, std::string slug, std::string what) {
    problems_.push_back({place, std::move(what), std::move(slug)});
  }
  /// A problem for every key that is not among `valid`.
  void check_keys(const toml::Node& table, std::span<const std::string_view> valid);
  /// The node if it is there and of that kind; else null, and a problem if it is of another kind.
  const toml::Node* get(const toml::Node& table, std::string_view key, toml::Kind kind);
  /// The text under a key; empty when absent or of another kind.
  std::string text(const toml::Node& table, std::string_view key);

  [[nodiscard]] std::size_t size() const { return problems_.size(); }
  std::vector<ProfileProblem> take() { return std::move(problems_); }

 private:
  std::vector<ProfileProblem> problems_;
};

/// "; did you mean \"keep\"?"
std::string did_you_mean(std::string_view word, std::span<const std::string_view> valid);

inline bool is_among(std::string_view word, std::span<const std::string_view> valid) {
  return std::find(valid.begin(), valid.end(), word) != valid.end();
}

}  // namespace veilroute::profiles
