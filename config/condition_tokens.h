// A condition's text as tokens, each with its place.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "config/condition_tree.h"
#include "core/base/toml.h"

namespace veilroute::config {

enum class TokenKind : std::uint8_t { word, tag, text, number, sign, end };

struct Token {
  TokenKind kind = TokenKind::end;
  std::string text;              ///< of a quoted text, what is inside
  std::optional<double> number;  ///< of a number
  toml::Place place;
  std::size_t begin = 0;         ///< offset in the condition
};

/// One token of look-ahead. After a mistake every token is the end.
class TokenReader {
 public:
  TokenReader(std::string_view text, const toml::Place& where) : text_(text), place_(where) {}
  [[nodiscard]] const Token& now() const { return now_; }
  void next();
  [[nodiscard]] const std::optional<ConditionMistake>& mistake() const { return mistake_; }
  /// What stands from `start` up to the end of the last token taken, with single spaces.
  [[nodiscard]] std::string sentence_from(const Token& start) const;

 private:
  void advance(std::size_t bytes);
  void skip_spaces();
  void read_text();
  void read_number();
  void read_word();
  bool read_tag();
  void read_sign();
  void fail(std::string what);

  std::string_view text_;
  toml::Place place_;        ///< of text_[at_]
  std::size_t at_ = 0;
  std::size_t taken_to_ = 0; ///< where the token before now_ ended
  Token now_;
  std::optional<ConditionMistake> mistake_;
};

}  // namespace veilroute::config
