#include "profiles/verify_scopes.h"

namespace veilroute::profiles {
namespace {

std::uint32_t private_block(std::uint16_t group, unsigned number) {
  return (static_cast<std::uint32_t>(group) << 16U) | number;
}

}  // namespace

void ReadingScopes::enter(const Seen& seen, const std::vector<dicom::Tag>& inside) {
  const std::string_view item = seen.path.substr(0, seen.path.rfind('('));
  if (scopes_.size() > seen.depth + 1) scopes_.resize(seen.depth + 1);
  if (scopes_.size() == seen.depth + 1 && scopes_.back().item != item) scopes_.pop_back();
  while (scopes_.size() < seen.depth + 1) scopes_.push_back({item, {}, {}});
  if (seen.tag.is_private_creator()) {
    scopes_.back().creators[private_block(seen.tag.group, seen.tag.element)] =
        std::string(text_of(seen));
  }
  note_concept(seen, inside);
}

/// The code within (0040,A043) of the item above.
void ReadingScopes::note_concept(const Seen& seen, const std::vector<dicom::Tag>& inside) {
  if (seen.depth == 0 || inside.empty() || inside.back() != dicom::Tag{0x0040, 0xA043}) return;
  std::string& name = scopes_[seen.depth - 1].concept_name;
  if (seen.tag == dicom::Tag{0x0008, 0x0100}) name = ":" + std::string(text_of(seen));
  if (seen.tag == dicom::Tag{0x0008, 0x0102}) name = std::string(text_of(seen)) + name;
}

std::string_view ReadingScopes::creator_of(dicom::Tag tag) const {
  const auto& creators = scopes_.back().creators;
  const auto found = creators.find(private_block(tag.group, tag.element >> 8U));
  return found == creators.end() ? std::string_view{} : found->second;
}

}  // namespace veilroute::profiles
