// Conditions of routes: `source = "er-xray" and Modality in ["CR", "DX"]`, parsed when loaded.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/base/toml.h"
#include "core/dicom/dictionary.h"

namespace veilroute::config {

/// What a condition asks about one object. Values come trimmed, one entry per value (backslash
/// separated values are split). An absent attribute has no entry.
class Subject {
 public:
  virtual ~Subject() = default;
  /// Values at a path of tags through sequences (items of all sequences along the way).
  [[nodiscard]] virtual std::vector<std::string> values(const std::vector<dicom::Tag>& path) const = 0;
  /// "source", "listener", "called_ae", "calling_ae".
  [[nodiscard]] virtual std::string about(std::string_view word) const = 0;
};

/// A condition as a tree (decisions 1). Grammar: or, and, not, parentheses; `= != < <= > >=`,
/// `in [..]`, `like "CHEST*"` (* and ?, case ignored), `present`, `any`/`all` for several values
/// (any is the default), `in group "name"` for named sets of SOP classes. Names: keywords or
/// "(gggg,eeee)", joined by dots through sequences, or the four words of Subject::about.
/// A comparison with an absent attribute is false; `not` of it is true. `=` and `in` compare text with
/// an operand in quotes, numbers with one without. `<` and the like compare numbers when both sides
/// are numbers, else text if the operand stands in quotes; a number and a word have no order.
/// Immutable; any thread.
class Condition {
 public:
  struct Node;
  /// The empty condition: always true.
  Condition();
  /// `invalid` with the place of the first mistake ("site.toml:41:19: ..."): `where` is the place of
  /// the first character of `text`.
  static Result<Condition> parse(std::string_view text, const toml::Place& where);
  [[nodiscard]] bool holds(const Subject& subject) const;
  /// The leaf comparisons with whether each holds, in order, as sentences for `explain`: attribute
  /// names and the operator's own words only, never a value of the object.
  [[nodiscard]] std::vector<std::pair<std::string, bool>> explain(const Subject& subject) const;
  /// Top-level tags and paths asked about, for the facts kept with each object.
  [[nodiscard]] const std::vector<std::vector<dicom::Tag>>& paths() const { return paths_; }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::shared_ptr<const Node> root_;
  std::vector<std::vector<dicom::Tag>> paths_;
  std::string text_;
};

}  // namespace veilroute::config
