// A condition's text as tokens, each with its place.
#include "config/condition_tokens.h"

#include <charconv>
#include <cmath>

#include "config/words.h"

namespace veilroute::config {

namespace {

constexpr std::size_t kTagLength = 11;  // "(0008,0060)"

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_word_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_word_part(char c) { return is_word_start(c) || is_digit(c); }

}  // namespace

void TokenReader::advance(std::size_t bytes) {
  for (; bytes > 0 && at_ < text_.size(); --bytes, ++at_) {
    if (text_[at_] == '\n') {
      ++place_.line;
      place_.column = 1;
    } else if ((static_cast<unsigned char>(text_[at_]) & 0xC0U) != 0x80U) {
      // Columns count characters, as everywhere else; the tail of one in UTF-8 is not another.
      ++place_.column;
    }
  }
}

void TokenReader::skip_spaces() {
  while (at_ < text_.size() && is_space(text_[at_])) advance(1);
}

void TokenReader::fail(std::string what) {
  if (!mistake_) mistake_ = ConditionMistake{now_.place, std::move(what), "condition.syntax"};
  now_.kind = TokenKind::end;
  at_ = text_.size();
}

void TokenReader::next() {
  taken_to_ = at_;
  skip_spaces();
  now_ = Token{TokenKind::end, "", std::nullopt, place_, at_};
  if (at_ == text_.size() || mistake_) return;
  const char c = text_[at_];
  const char following = at_ + 1 < text_.size() ? text_[at_ + 1] : ' ';
  if (c == '"') return read_text();
  if (is_digit(c) || ((c == '-' || c == '+') && is_digit(following))) return read_number();
  if (is_word_start(c)) return read_word();
  if (c == '(' && read_tag()) return;
  read_sign();
}

void TokenReader::read_text() {
  std::size_t end = at_ + 1;
  for (; end < text_.size() && text_[end] != '"'; ++end) {
    if (text_[end] == '\\' && end + 1 < text_.size()) ++end;
    now_.text += text_[end];
  }
  if (end >= text_.size()) return fail("a text begins here and has no closing quotation mark");
  now_.kind = TokenKind::text;
  advance(end + 1 - at_);
}

void TokenReader::read_number() {
  std::size_t end = at_ + 1;
  // A wider grip than numbers have, so that "12abc" is one mistake and not two tokens.
  while (end < text_.size() && (is_word_part(text_[end]) || text_[end] == '.')) ++end;
  now_.text = text_.substr(at_, end - at_);
  const char* begin = now_.text.data() + (now_.text.front() == '+' ? 1 : 0);
  const char* const stop = now_.text.data() + now_.text.size();
  double value = 0;
  const auto [read_to, code] = std::from_chars(begin, stop, value);
  if (code != std::errc() || read_to != stop || !std::isfinite(value)) {
    return fail("\"" + now_.text + "\" is not a number; write text in double quotes");
  }
  now_.kind = TokenKind::number;
  now_.number = value;
  advance(end - at_);
}

void TokenReader::read_word() {
  std::size_t end = at_ + 1;
  while (end < text_.size() && is_word_part(text_[end])) ++end;
  now_.kind = TokenKind::word;
  now_.text = text_.substr(at_, end - at_);
  advance(end - at_);
}

bool TokenReader::read_tag() {
  const std::string_view form = text_.substr(at_, kTagLength);
  if (form.size() != kTagLength || form[5] != ',' || form.back() != ')') return false;
  if (!dicom::parse_tag(form)) return false;
  now_.kind = TokenKind::tag;
  now_.text = form;
  advance(kTagLength);
  return true;
}

void TokenReader::read_sign() {
  const std::string_view rest = text_.substr(at_);
  for (const std::string_view sign : {"!=", "<=", ">=", "=", "<", ">", "(", ")", "[", "]", ",", "."}) {
    if (!rest.starts_with(sign)) continue;
    now_.kind = TokenKind::sign;
    now_.text = sign;
    return advance(sign.size());
  }
  if (rest.front() == '\'') return fail("write text in double quotes");
  const auto byte = static_cast<unsigned char>(rest.front());
  fail(byte > ' ' && byte < 0x7F ? std::string("\"") + rest.front() + "\" means nothing here"
                                 : "this character means nothing here");
}

std::string TokenReader::sentence_from(const Token& start) const {
  std::string sentence;
  for (const char c : text_.substr(start.begin, taken_to_ - start.begin)) {
    const char shown = is_space(c) ? ' ' : c;
    if (shown != ' ' || sentence.empty() || sentence.back() != ' ') sentence += shown;
  }
  return sentence;
}

}  // namespace veilroute::config
