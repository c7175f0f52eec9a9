// The grammar of conditions, by recursive descent with a limit on depth:
//   condition  = together { "or" together }
//   together   = single { "and" single }
//   single     = "not" single | "(" condition ")" | comparison
//   comparison = ["any" | "all"] name ( "present" | op value | "like" text
//                                     | "in" "[" value { "," value } "]" | "in" "group" text )
//   name       = part { "." part } | "source" | "listener" | "called_ae" | "calling_ae"
//   part       = keyword | "(gggg,eeee)"
#include <algorithm>
#include <array>

#include "config/condition_tokens.h"
#include "config/condition_tree.h"
#include "config/load.h"
#include "config/sop_groups.h"

namespace veilroute::config {

namespace {

/// Limits of one condition. Nobody reads a longer one; a program that writes one should be told.
constexpr std::size_t kLongestCondition = 16'384;
constexpr unsigned kDeepest = 32;
constexpr std::size_t kMostComparisons = 256;
constexpr std::size_t kMostListed = 1'000;
constexpr std::size_t kMostParts = 8;

constexpr std::array<std::string_view, 4> kAboutWords = {"source", "listener", "called_ae",
                                                         "calling_ae"};
const std::vector<std::string> kReserved = {"and",  "or",      "not", "in", "like",
                                            "present", "any", "all", "group"};
constexpr const char* kOperatorWords =
    "expected one of = != < <= > >= in like present after the name";

using NodePointer = std::shared_ptr<const Condition::Node>;

bool is_binary(dicom::Vr vr) {
  using namespace dicom::vr;
  return vr == OB || vr == OD || vr == OF || vr == OL || vr == OV || vr == OW || vr == UN;
}

std::string did_you_mean(const std::string& word) {
  return word.empty() ? "" : "; did you mean \"" + word + "\"?";
}

NodePointer join(Condition::Node::Kind kind, std::vector<NodePointer> children) {
  if (children.size() == 1) return children.front();
  auto node = std::make_shared<Condition::Node>();
  node->kind = kind;
  node->children = std::move(children);
  return node;
}

class Parser {
 public:
  Parser(std::string_view text, const toml::Place& where) : tokens_(text, where) {}

  ParsedCondition parse() {
    ParsedCondition parsed;
    tokens_.next();
    if (tokens_.now().kind == TokenKind::end) {
      fail(tokens_.now(), "an empty condition; to take every study write: SOPClassUID present",
           "condition.empty");
    } else {
      parsed.root = condition(0);
      if (!failed() && tokens_.now().kind != TokenKind::end) fail_after_comparison();
    }
    parsed.mistake = tokens_.mistake() ? tokens_.mistake() : mistake_;
    if (parsed.mistake) parsed.root = nullptr;
    parsed.paths = std::move(paths_);
    return parsed;
  }

 private:
  [[nodiscard]] bool failed() const { return mistake_ || tokens_.mistake(); }

  NodePointer fail(const Token& token, std::string what, std::string slug = "condition.syntax") {
    if (!failed()) mistake_ = ConditionMistake{token.place, std::move(what), std::move(slug)};
    return nullptr;
  }

  [[nodiscard]] bool is_word(std::string_view word) const {
    return tokens_.now().kind == TokenKind::word && tokens_.now().text == word;
  }
  [[nodiscard]] bool is_sign(std::string_view sign) const {
    return tokens_.now().kind == TokenKind::sign && tokens_.now().text == sign;
  }
  bool take_word(std::string_view word) { return is_word(word) && (tokens_.next(), true); }
  bool take_sign(std::string_view sign) { return is_sign(sign) && (tokens_.next(), true); }

  NodePointer condition(unsigned depth) {
    std::vector<NodePointer> alternatives;
    do {
      alternatives.push_back(together(depth));
      if (failed()) return nullptr;
    } while (take_word("or"));
    return join(Condition::Node::Kind::either, std::move(alternatives));
  }

  NodePointer together(unsigned depth) {
    std::vector<NodePointer> parts;
    do {
      parts.push_back(single(depth));
      if (failed()) return nullptr;
    } while (take_word("and"));
    return join(Condition::Node::Kind::both, std::move(parts));
  }

  NodePointer single(unsigned depth) {
    const Token start = tokens_.now();
    if (depth > kDeepest) return fail(start, "nested too deeply", "condition.too-deep");
    if (take_word("not")) {
      NodePointer inner = single(depth + 1);
      if (failed()) return nullptr;
      auto node = std::make_shared<Condition::Node>();
      node->kind = Condition::Node::Kind::negation;
      node->children.push_back(std::move(inner));
      return node;
    }
    if (take_sign("(")) {
      NodePointer inner = condition(depth + 1);
      if (failed()) return nullptr;
      if (!is_sign(")") && tokens_.now().kind != TokenKind::end) return fail_after_comparison();
      if (!take_sign(")")) {
        return fail(tokens_.now(), "a closing parenthesis is missing for the one at column " +
                                       std::to_string(start.place.column));
      }
      return inner;
    }
    return comparison();
  }

  NodePointer comparison() {
    const Token start = tokens_.now();
    if (++comparisons_ > kMostComparisons) {
      return fail(start, "more comparisons than anybody can follow", "condition.too-long");
    }
    auto node = std::make_shared<Condition::Node>();
    Leaf& leaf = node->leaf;
    if (is_word("any") || is_word("all")) {
      leaf.all = is_word("all");
      tokens_.next();
    }
    const Token name = tokens_.now();
    if (!read_name(leaf) || !read_operator(leaf, name)) return nullptr;
    if (leaf.about.empty() && std::find(paths_.begin(), paths_.end(), leaf.path) == paths_.end()) {
      paths_.push_back(leaf.path);
    }
    leaf.sentence = tokens_.sentence_from(start);
    return node;
  }

  bool read_name(Leaf& leaf) {
    const Token first = tokens_.now();
    if (first.kind == TokenKind::word &&
        std::find(kAboutWords.begin(), kAboutWords.end(), first.text) != kAboutWords.end()) {
      leaf.about = first.text;
      tokens_.next();
      return !failed();
    }
    while (true) {
      const Token part = tokens_.now();
      const auto tag = read_part(part);
      if (!tag) return false;
      leaf.path.push_back(*tag);
      tokens_.next();
      if (!take_sign(".")) return !failed();
      if (leaf.path.size() == kMostParts) {
        fail(part, "more sequences inside one another than any object has", "condition.too-deep");
        return false;
      }
      const auto* entry = dicom::find(*tag);
      if (entry != nullptr && entry->vr != dicom::vr::SQ) {
        fail(part, "\"" + part.text + "\" is not a sequence, nothing stands inside it",
             "condition.not-a-sequence");
        return false;
      }
    }
  }

  std::optional<dicom::Tag> read_part(const Token& part) {
    if (part.kind == TokenKind::tag) {
      const auto tag = dicom::parse_tag(part.text);
      if (tag && !tag->is_private() && !tag->is_group_length() && tag->group >= 0x0008) return tag;
      fail(part,
           tag && tag->is_private()
               ? "a private attribute means something only under its creator and cannot be asked "
                 "about"
               : "this tag is not part of an object's data set",
           "condition.unusable-tag");
      return std::nullopt;
    }
    const bool reserved =
        std::find(kReserved.begin(), kReserved.end(), part.text) != kReserved.end();
    if (part.kind != TokenKind::word || reserved) {
      fail(part, "expected the name of an attribute, such as Modality or (0008,0060)" + found(part));
      return std::nullopt;
    }
    if (const auto* entry = dicom::find_keyword(part.text)) return entry->tag;
    fail(part, "\"" + part.text + "\" is no attribute of the standard" +
                   did_you_mean(nearest_name(part.text)),
         "condition.unknown-attribute");
    return std::nullopt;
  }

  static std::string nearest_name(const std::string& word) {
    const std::vector<std::string> words(kAboutWords.begin(), kAboutWords.end());
    if (std::string about = nearest(word, words); !about.empty()) return about;
    const auto keywords = dicom::nearest_keywords(word, 1);
    return keywords.empty() ? "" : keywords.front();
  }

  static std::string found(const Token& token) {
    return token.kind == TokenKind::end ? ", but the condition ends here"
                                        : ", found \"" + token.text + "\"";
  }

  bool read_operator(Leaf& leaf, const Token& name) {
    const Token word = tokens_.now();
    if (take_word("present")) {
      leaf.op = Operator::present;
      return !failed();
    }
    if (!check_comparable(leaf, name)) return false;
    if (take_word("like")) {
      leaf.op = Operator::like;
      return read_text(leaf, "like needs a text in double quotes, such as \"CHEST*\"");
    }
    if (take_word("in")) return take_word("group") ? read_group(leaf, name) : read_list(leaf);
    static const std::pair<std::string_view, Operator> kSigns[] = {
        {"=", Operator::equal},          {"!=", Operator::not_equal},
        {"<", Operator::less},           {"<=", Operator::less_or_equal},
        {">", Operator::greater},        {">=", Operator::greater_or_equal}};
    for (const auto& [sign, op] : kSigns) {
      if (!take_sign(sign)) continue;
      leaf.op = op;
      return read_value(leaf);
    }
    const std::string near =
        word.kind == TokenKind::word ? nearest(word.text, {"in", "like", "present"}) : "";
    fail(word, kOperatorWords + (near.empty() ? found(word) : did_you_mean(near)));
    return false;
  }

  bool check_comparable(const Leaf& leaf, const Token& name) {
    if (!leaf.about.empty()) return true;
    const auto* entry = dicom::find(leaf.path.back());
    if (entry == nullptr || (entry->vr != dicom::vr::SQ && !is_binary(entry->vr))) return true;
    fail(name,
         entry->vr == dicom::vr::SQ
             ? "a sequence can only be present; to compare, name an attribute inside it, with a dot"
             : "this attribute holds bytes, it can only be present",
         "condition.not-comparable");
    return false;
  }

  bool read_value(Leaf& leaf) {
    const Token value = tokens_.now();
    if (value.kind != TokenKind::text && value.kind != TokenKind::number) {
      fail(value, "expected a text in double quotes or a number" + found(value));
      return false;
    }
    leaf.operands.push_back({value.text, value.number, value.place});
    tokens_.next();
    return !failed();
  }

  bool read_text(Leaf& leaf, const char* otherwise) {
    if (tokens_.now().kind == TokenKind::text) return read_value(leaf);
    fail(tokens_.now(), otherwise);
    return false;
  }

  bool read_list(Leaf& leaf) {
    leaf.op = Operator::in_list;
    if (!take_sign("[")) {
      fail(tokens_.now(), "expected a list such as [\"CR\", \"DX\"], or group, after in");
      return false;
    }
    if (is_sign("]")) {
      fail(tokens_.now(), "nothing is in an empty list", "condition.empty-list");
      return false;
    }
    do {
      if (leaf.operands.size() == kMostListed) {
        fail(tokens_.now(), "more than 1000 values in one list", "condition.too-long");
        return false;
      }
      if (!read_value(leaf)) return false;
    } while (take_sign(",") && !is_sign("]"));
    if (take_sign("]")) return !failed();
    fail(tokens_.now(), "expected a comma or ] in the list" + found(tokens_.now()));
    return false;
  }

  bool read_group(Leaf& leaf, const Token& name) {
    leaf.op = Operator::in_group;
    const auto* entry = leaf.path.empty() ? nullptr : dicom::find(leaf.path.back());
    if (entry == nullptr || entry->vr != dicom::vr::UI) {
      fail(name, "groups are sets of SOP classes; ask SOPClassUID", "condition.not-a-uid");
      return false;
    }
    const Token group = tokens_.now();
    if (!read_text(leaf, "group needs a name in double quotes, such as \"image\"")) return false;
    if (is_sop_group(group.text)) return true;
    std::string known;
    for (const std::string& one : sop_group_names()) known += (known.empty() ? "" : ", ") + one;
    const std::string near = nearest(group.text, sop_group_names());
    fail(group, "there is no group \"" + group.text + "\"" +
                    (near.empty() ? "; there are " + known : did_you_mean(near)),
         "condition.unknown-group");
    return false;
  }

  NodePointer fail_after_comparison() {
    const Token& token = tokens_.now();
    const std::string near =
        token.kind == TokenKind::word ? nearest(token.text, {"and", "or"}) : "";
    return fail(token, "expected and, or, or the end" +
                           (near.empty() || near == token.text ? found(token) : did_you_mean(near)));
  }

  TokenReader tokens_;
  std::optional<ConditionMistake> mistake_;
  std::vector<std::vector<dicom::Tag>> paths_;
  std::size_t comparisons_ = 0;
};

}  // namespace

ParsedCondition parse_condition(std::string_view text, const toml::Place& where) {
  if (text.size() > kLongestCondition) {
    ParsedCondition parsed;
    parsed.mistake = ConditionMistake{where, "a condition of more than 16384 characters",
                                      "condition.too-long"};
    return parsed;
  }
  return Parser(text, where).parse();
}

}  // namespace veilroute::config
