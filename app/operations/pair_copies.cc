#include "app/operations/pair_copies.h"

#include <algorithm>
#include <unordered_map>

#include "core/base/files.h"

namespace veilroute::app {
namespace {

constexpr std::uint64_t kLongestMap = 1ULL << 30U;

using Index = std::unordered_map<std::string, std::optional<std::size_t>>;

/// Nothing stands for what is there more than once.
template <typename Name>
Index index_of(const std::vector<ReadFile>& files, Name name) {
  Index index;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto [place, is_new] = index.try_emplace(name(files[i]), i);
    if (!is_new) place->second.reset();
  }
  return index;
}

std::optional<std::size_t> look_up(const Index& index, const std::string& name) {
  const auto found = index.find(name);
  return found == index.end() ? std::nullopt : found->second;
}

std::string relative_name(const ReadFile& each) { return each.file.relative.string(); }
std::string file_name(const ReadFile& each) { return each.file.relative.filename().string(); }
std::string instance_name(const ReadFile& each) { return each.object.head.sop_instance.value; }

/// One field of a row, which ends behind it; quotes are doubled inside quotes (RFC 4180).
std::string take_field(std::string_view& rest) {
  std::string field;
  if (rest.starts_with('"')) {
    rest.remove_prefix(1);
    while (!rest.empty()) {
      const bool quote = rest.front() == '"';
      if (quote && !rest.substr(1).starts_with('"')) break;
      if (quote) rest.remove_prefix(1);
      field += rest.front();
      rest.remove_prefix(1);
    }
    rest.remove_prefix(std::min<std::size_t>(1, rest.size()));
  } else {
    const std::size_t end = std::min(rest.find_first_of(",\r\n"), rest.size());
    field = rest.substr(0, end);
    rest.remove_prefix(end);
  }
  return field;
}

Result<std::unordered_map<std::string, std::string>> read_map(const std::filesystem::path& file) {
  auto text = read_text_file(file, kLongestMap);
  if (!text.ok()) {
    return make_error(ErrorKind::invalid, "verify.map-unreadable",
                      "the map cannot be read: " + text.error().detail);
  }
  std::unordered_map<std::string, std::string> map;
  std::string_view rest = *text;
  for (;;) {
    rest.remove_prefix(std::min(rest.find_first_not_of("\r\n"), rest.size()));
    if (rest.empty()) return map;
    std::string old_id = take_field(rest);
    if (!rest.starts_with(',')) {
      return make_error(
          ErrorKind::invalid, "verify.map-unreadable",
          "a row of the map is not id_old,id_new: row " + std::to_string(map.size() + 1));
    }
    rest.remove_prefix(1);
    map.insert_or_assign(std::move(old_id), take_field(rest));
    // Further columns are other tools' affair.
    rest.remove_prefix(std::min(rest.find('\n'), rest.size()));
  }
}

Result<Pairs> pair_by_map(const std::vector<ReadFile>& sources, const std::vector<ReadFile>& copies,
                          const std::filesystem::path& file) {
  VR_TRY(const auto map, read_map(file));
  Index of_new;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const auto mapped = map.find(instance_name(sources[i]));
    if (mapped != map.end()) of_new.insert_or_assign(mapped->second, i);
  }
  Pairs pairs;
  pairs.by = "map";
  for (const ReadFile& copy : copies)
    pairs.source_of.push_back(look_up(of_new, instance_name(copy)));
  return pairs;
}

Pairs pair_by_name(const std::vector<ReadFile>& sources, const std::vector<ReadFile>& copies) {
  const Index by_path = index_of(sources, relative_name);
  const Index by_name = index_of(sources, file_name);
  const Index copy_names = index_of(copies, file_name);
  Pairs pairs;
  pairs.by = "name";
  for (const ReadFile& copy : copies) {
    std::optional<std::size_t> source = look_up(by_path, relative_name(copy));
    if (!source && look_up(copy_names, file_name(copy))) source = look_up(by_name, file_name(copy));
    pairs.source_of.push_back(source);
  }
  return pairs;
}

Result<Pairs> pair_by_order(std::size_t sources, std::size_t copies) {
  if (sources != copies) {
    return make_error(ErrorKind::invalid, "verify.cannot-pair",
                      "no copy has the name of a source, and there are " + std::to_string(copies) +
                          " copies of " + std::to_string(sources) +
                          " sources: say by --map which object became which");
  }
  Pairs pairs;
  pairs.by = "order";
  for (std::size_t i = 0; i < copies; ++i) pairs.source_of.emplace_back(i);
  return pairs;
}

}  // namespace

Result<Pairs> pair_copies(const std::vector<ReadFile>& sources, const std::vector<ReadFile>& copies,
                          const std::filesystem::path& map) {
  if (!map.empty()) return pair_by_map(sources, copies, map);
  const bool one =
      sources.size() == 1 && copies.size() == 1 && sources[0].file.named && copies[0].file.named;
  if (one) return Pairs{{0}, "one"};
  Pairs pairs = pair_by_name(sources, copies);
  const bool none = std::none_of(pairs.source_of.begin(), pairs.source_of.end(),
                                 [](const auto& source) { return source.has_value(); });
  if (none && !copies.empty()) return pair_by_order(sources.size(), copies.size());
  return pairs;
}

}  // namespace veilroute::app
