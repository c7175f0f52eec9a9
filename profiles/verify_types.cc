// Counts in the source and in the finished copy what the IOD requires, and compares.
#include "profiles/verify_types.h"

#include <algorithm>
#include <sstream>
#include <utility>

#include "core/dicom/padding.h"
#include "profiles/verify_table.h"

extern "C" {
extern const char veilroute_table_iod_types[];
extern const char veilroute_table_iod_types_end[];
extern const char veilroute_table_iod_groups[];
extern const char veilroute_table_iod_groups_end[];
extern const char veilroute_table_iod_classes[];
extern const char veilroute_table_iod_classes_end[];
}

namespace veilroute::profiles {
namespace {

using dicom::Tag;

/// A path of the tables: a chain of sequences and a tag. 0 is the data set itself.
using NodeId = std::uint32_t;

std::vector<std::vector<std::string>> rows_between(const char* begin, const char* end) {
  std::vector<std::vector<std::string>> rows;
  std::istringstream lines(std::string(begin, end));
  std::string line;
  std::getline(lines, line);  // the header
  while (std::getline(lines, line)) {
    std::istringstream fields(line);
    std::vector<std::string>& cells = rows.emplace_back();
    for (std::string cell; std::getline(fields, cell, '\t');) cells.push_back(cell);
  }
  return rows;
}

class RequirementTable {
 public:
  RequirementTable() {
    for (const auto& row :
         rows_between(veilroute_table_iod_classes, veilroute_table_iod_classes_end)) {
      iods_[row.at(0)] = row.at(2);
    }
    std::map<std::string, std::string> groups;
    for (const auto& row :
         rows_between(veilroute_table_iod_groups, veilroute_table_iod_groups_end)) {
      groups[row.at(0)] = row.at(1);
    }
    places_.emplace_back();
    for (const auto& row : rows_between(veilroute_table_iod_types, veilroute_table_iod_types_end)) {
      const NodeId place = add_path(row.at(0));
      const auto group = groups.find(row.at(2));
      std::istringstream members(group == groups.end() ? row.at(2) : group->second);
      for (std::string iod; std::getline(members, iod, '|');) {
        required_[iod][place] = row.at(1).at(0);
      }
    }
  }

  [[nodiscard]] std::string iod_of(const std::string& sop_class) const {
    const auto found = iods_.find(sop_class);
    return found == iods_.end() ? std::string{} : found->second;
  }

  /// '1' or '2' by place.
  [[nodiscard]] const std::map<NodeId, char>& required_by(const std::string& iod) const {
    static const std::map<NodeId, char> kNothing;
    const auto found = required_.find(iod);
    return found == required_.end() ? kNothing : found->second;
  }

  /// The place of a tag below another; 0: none that any IOD requires something of.
  [[nodiscard]] NodeId below(NodeId above, Tag tag) const {
    // The tables have one level of content items, which stands for all.
    if (tag == Tag{0x0040, 0xA730} && places_[above].tag == tag) return above;
    const auto found = steps_.find({above, tag.packed()});
    return found == steps_.end() ? 0 : found->second;
  }

  [[nodiscard]] Tag tag_of_place(NodeId place) const { return places_[place].tag; }
  [[nodiscard]] NodeId above(NodeId place) const { return places_[place].above; }
  [[nodiscard]] std::string path_of(NodeId place) const {
    const std::string own = dicom::to_text(places_[place].tag);
    return places_[place].above == 0 ? own : path_of(places_[place].above) + "." + own;
  }

 private:
  struct Node {
    Tag tag;
    NodeId above = 0;
  };

  NodeId add_path(const std::string& path) {
    NodeId place = 0;
    std::istringstream steps(path);
    for (std::string step; std::getline(steps, step, '/');) {
      // Overlays (60xx) leave no object: nothing is asked of them.
      const Tag tag = dicom::parse_tag(step).value_or(Tag{});
      const auto [next, is_new] =
          steps_.try_emplace({place, tag.packed()}, static_cast<NodeId>(places_.size()));
      if (is_new) places_.push_back({tag, place});
      place = next->second;
    }
    return place;
  }

  std::map<std::string, std::string> iods_;  ///< by SOP class
  std::map<std::pair<NodeId, std::uint32_t>, NodeId> steps_;
  std::vector<Node> places_;
  std::map<std::string, std::map<NodeId, char>> required_;  ///< by IOD
};

const RequirementTable& requirements() {
  static const RequirementTable kTable;
  return kTable;
}

bool has_text(dicom::Vr registered, ByteView value) {
  const bool text = dicom::is_text(registered) || registered == dicom::vr::UI;
  return text ? !dicom::trimmed(value).empty() : !value.empty();
}

dicom::Vr registered_vr(Tag tag, dicom::Vr stated) {
  const dicom::DictionaryEntry* entry = dicom::find(tag);
  return entry == nullptr ? stated : entry->vr;
}

bool holds_something(const dicom::Element& element) {
  if (element.holds == dicom::Holds::range) return true;
  if (element.holds == dicom::Holds::sequence) {
    return std::any_of(element.items.begin(), element.items.end(),
                       [](const dicom::Item& item) { return !item.elements.empty(); });
  }
  // Bytes where items should be were no sequence to begin with.
  const dicom::Vr which = registered_vr(element.tag, element.vr);
  return which != dicom::vr::SQ && has_text(which, element.value);
}

bool holds_something(const Seen& seen) {
  if (seen.is_range) return true;
  if (seen.is_sequence) return seen.has_items;
  return has_text(registered_vr(seen.tag, seen.vr), seen.value);
}

using Tally = std::map<NodeId, Occurrences>;

void count_attribute(Tally& tally, NodeId place, bool filled) {
  ++tally[place].present;
  if (filled) ++tally[place].filled;
}

/// `items` of a sequence's own place are those of the sequence it stands in; its items are kept
/// under the place with this bit until the end.
constexpr NodeId kItemsOf = 0x80000000U;

void count_item(Tally& tally, NodeId place, const dicom::Item& item) {
  ++tally[place | kItemsOf].items;
  for (const dicom::Element& element : item.elements) {
    const NodeId here = requirements().below(place, element.tag);
    if (here == 0) continue;
    count_attribute(tally, here, holds_something(element));
    for (const dicom::Item& each : element.items) count_item(tally, here, each);
  }
}

/// Walks the flat list that the second reader gives, in which items show by their attributes' paths
/// alone: an item without any attribute shows by the number of the next one, and the last ones of a
/// sequence not at all.
class CopyCount {
 public:
  CopyCount() { levels_.emplace_back(); }
  Tally count(const std::vector<Seen>& copy) {
    tally_[kItemsOf].items = 1;
    for (const Seen& seen : copy) attribute(seen);
    return std::move(tally_);
  }

 private:
  struct Level {
    NodeId place = 0;
    bool known = true;
    std::string_view item;   ///< "(0040,0275)[2]."
    std::size_t number = 0;  ///< items counted so far
  };

  void attribute(const Seen& seen) {
    if (seen.depth >= levels_.size()) return;  // below what no table names
    levels_.resize(seen.depth + 1);
    Level& level = levels_.back();
    if (!level.known) return;
    enter_item(level, seen);
    const NodeId here = requirements().below(level.place, seen.tag);
    if (here != 0) count_attribute(tally_, here, holds_something(seen));
    if (seen.is_sequence) enter_sequence(here, seen.has_items);
  }

  void enter_sequence(NodeId place, bool has_items) {
    // Of a sequence that no table names nothing is counted: place 0 is the data set.
    if (has_items && place != 0)
      ++tally_[place | kItemsOf].items;  // one at least, though it may show nothing
    levels_.push_back({place, place != 0, {}, has_items ? std::size_t{1} : std::size_t{0}});
  }

  void enter_item(Level& level, const Seen& seen) {
    const std::size_t end = seen.path.rfind("].");
    if (end == seen.path.npos) return;  // top level
    const std::string_view item = seen.path.substr(0, end + 2);
    if (item == level.item) return;
    const std::size_t begin = item.rfind('[') + 1;
    std::size_t number = 0;
    for (std::size_t i = begin; i < end; ++i) {
      number = number * 10 + static_cast<std::size_t>(item[i] - '0');
    }
    if (number > level.number) tally_[level.place | kItemsOf].items += number - level.number;
    level.item = item;
    level.number = number;
  }

  Tally tally_;
  std::vector<Level> levels_;
};

/// Each attribute with the number of items it could have stood in.
std::map<std::uint32_t, Occurrences> joined(Tally& tally, const std::string& iod) {
  std::map<std::uint32_t, Occurrences> occurrences;
  for (const auto& [place, type] : requirements().required_by(iod)) {
    const Occurrences& own = tally[place];
    const std::size_t items = tally[requirements().above(place) | kItemsOf].items;
    // A content item's content stands in the same place as itself, so it may be there more often.
    occurrences[place] = {std::max(items, own.present), own.present, own.filled};
  }
  return occurrences;
}

/// A rule of the profile may have taken the attribute away, or its value, wherever it stood.
bool may_be_taken_by_a_rule(Tag tag, const Profile& profile) {
  const dicom::DictionaryEntry* entry = dicom::find(tag);
  const auto& rules = profile.rules.all();
  return std::any_of(rules.begin(), rules.end(), [&](const Rule& rule) {
    if (rule.action != Action::remove && rule.action != Action::empty) return false;
    switch (rule.selector.kind) {
      case Selector::Kind::attribute:
      case Selector::Kind::path:
        return rule.selector.tag == tag;
      case Selector::Kind::group:
        return rule.selector.group == tag.group;
      case Selector::Kind::vr:
        return entry != nullptr && entry->vr == rule.selector.vr;
      case Selector::Kind::code:
        return is_content_value(tag);
      case Selector::Kind::block:
        return false;
    }
    return false;
  });
}

/// The table's own X and Z, and what a rule of the profile takes away, are no fault of the copy. An
/// option that cleans may find nothing to leave: then the table's action holds as well.
bool may_be_missing(Tag tag, const Profile& profile) {
  return !demand_for(tag).may_be_present || may_be_taken_by_a_rule(tag, profile);
}
bool may_be_emptied(Tag tag, const Profile& profile) {
  return !demand_for(tag).may_be_filled || may_be_taken_by_a_rule(tag, profile);
}

}  // namespace

RequiredOfSource RequiredOfSource::of(const dicom::Dataset& source) {
  RequiredOfSource required;
  required.iod_ = requirements().iod_of(source.text(dicom::tags::SOPClassUID).reveal());
  if (required.iod_.empty()) return required;
  Tally tally;
  count_item(tally, 0, source.root());
  required.occurrences_ = joined(tally, required.iod_);
  std::erase_if(required.occurrences_, [](const auto& each) { return each.second.present == 0; });
  return required;
}

std::vector<Problem> check_types(const std::vector<Seen>& copy, const RequiredOfSource& source,
                                 const Permitted& permitted) {
  std::vector<Problem> problems;
  if (source.iod_.empty()) return problems;
  Tally tally = CopyCount().count(copy);
  const auto now = joined(tally, source.iod_);
  for (const auto& [place, type] : requirements().required_by(source.iod_)) {
    const Tag tag = requirements().tag_of_place(place);
    if (may_be_missing(tag, *permitted.profile)) continue;
    const auto found = source.occurrences_.find(place);
    if (found == source.occurrences_.end()) continue;
    const Occurrences& was = found->second;
    const Occurrences& is = now.at(place);
    const bool must_be_filled = type == '1' && !may_be_emptied(tag, *permitted.profile);
    const bool lacks = must_be_filled ? is.items - is.filled > was.items - was.filled
                                      : is.items - is.present > was.items - was.present;
    if (!lacks) continue;
    problems.push_back({requirements().path_of(place),
                        must_be_filled ? "verify.type-1-empty" : "verify.type-2-absent",
                        std::string(kBrokenPromise)});
  }
  return problems;
}

}  // namespace veilroute::profiles
