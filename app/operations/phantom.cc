#include "app/operations/phantom.h"

#include <array>
#include <cstdio>

#include "core/base/files.h"
#include "profiles/standard_table.h"

namespace veilroute::app {
namespace {

constexpr dicom::Tag kContentSequence{0x0040, 0xA730};
constexpr dicom::Tag kEncapsulatedDocument{0x0042, 0x0011};

std::string name_of(const dicom::PhantomOptions& options) {
  std::array<char, 48> numbers{};
  std::snprintf(numbers.data(), numbers.size(), "-%04u-%04u.dcm", options.number, options.instance);
  return std::string(dicom::to_string(options.kind)) + numbers.data();
}

Result<WrittenPhantom> write(const dicom::PhantomOptions& options, Files& files,
                             const std::filesystem::path& out) {
  VR_TRY(dicom::Phantom phantom, dicom::make_phantom(options));
  WrittenPhantom written{out / name_of(options), std::move(phantom.markers)};
  VR_TRY(const auto file, files.create(written.file));
  VR_TRY(file->append(phantom.file));
  return written;
}

}  // namespace

Result<std::vector<WrittenPhantom>> write_phantoms(const PhantomsWanted& wanted) {
  dicom::PhantomOptions options;
  options.kind = wanted.kind;
  options.seed = wanted.seed;
  options.rows = wanted.rows;
  options.columns = wanted.columns;
  options.transfer_syntax = wanted.transfer_syntax;
  options.canary = wanted.canary;
  if (wanted.canary) options.canary_tags = canary_tags();
  const auto files = real_files();
  VR_TRY(files->make_folder(wanted.out));
  std::vector<WrittenPhantom> all;
  for (unsigned study = 0; study < wanted.studies; ++study) {
    options.number = wanted.first + study;
    for (options.instance = 1; options.instance <= wanted.count; ++options.instance) {
      VR_TRY(WrittenPhantom written, write(options, *files, wanted.out));
      all.push_back(std::move(written));
    }
  }
  return all;
}

std::vector<dicom::Tag> canary_tags() {
  std::vector<dicom::Tag> tags;
  for (const auto& entry : dicom::all_entries()) {
    const auto* row = profiles::find_standard_row(entry.tag);
    const bool holds_the_object =
        entry.tag == kContentSequence || entry.tag == kEncapsulatedDocument;
    if (row != nullptr && row->tag == entry.tag && !holds_the_object) tags.push_back(entry.tag);
  }
  return tags;
}

}  // namespace veilroute::app
