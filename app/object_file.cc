#include "app/object_file.h"

#include <algorithm>

#include "core/base/crypto.h"
#include "core/dicom/uid.h"

namespace veilroute::app {
namespace {

Error unusable(const char* slug, const char* what) {
  return make_error(ErrorKind::invalid, slug, what);
}

Result<void> scan(FileSource& file, const std::vector<dicom::Tag>& capture, ObjectFile& object) {
  dicom::Scanner scanner(object.syntax, capture);
  crypto::Hasher hasher;
  Bytes piece(kPieceBytes);
  for (std::uint64_t at = object.head.dataset_offset; at < file.size_bytes();) {
    const std::size_t count =
        std::min<std::uint64_t>(piece.size(), file.size_bytes() - at);
    const std::span<std::uint8_t> part(piece.data(), count);
    VR_TRY(file.read_at(at, part));
    scanner.feed(part);
    hasher.update(part);
    at += count;
  }
  object.facts = scanner.finish();
  object.digest = hasher.finish();
  if (!object.facts.problem) return {};
  const auto& problem = *object.facts.problem;
  return make_error(ErrorKind::invalid, problem.slug,
                    "the data set cannot be used: see byte " + std::to_string(problem.offset) +
                        (problem.path.empty() ? "" : ", " + problem.path));
}

Result<void> check_identity(const ObjectFile& object) {
  const auto sop_class = object.value(dicom::tags::SOPClassUID);
  const auto instance = object.value(dicom::tags::SOPInstanceUID);
  if (!dicom::is_valid_uid(sop_class)) {
    return unusable("object.sop-class-invalid", "its SOP Class UID is absent or not a UID");
  }
  if (!dicom::is_valid_uid(instance)) {
    return unusable("object.sop-instance-invalid", "its SOP Instance UID is absent or not a UID");
  }
  if (sop_class != object.head.sop_class.value || instance != object.head.sop_instance.value) {
    return unusable("object.uid-unlike-command",
                    "its file meta information names another SOP Class or Instance");
  }
  if (!dicom::is_valid_uid(object.value(dicom::tags::StudyInstanceUID))) {
    return unusable("object.study-uid-absent", "its Study Instance UID is absent or not a UID");
  }
  return {};
}

}  // namespace

Result<ObjectFile> scan_object_file(const std::filesystem::path& path,
                                    const std::vector<dicom::Tag>& capture) {
  VR_TRY(const auto file, FileSource::open(path));
  ObjectFile object;
  object.path = path;
  object.stamp = file->stamp();
  VR_TRY(object.head, dicom::read_file_head(*file));
  if (object.head.sop_class.value == kMediaDirectoryClass) {
    return unusable("file.media-directory", "a DICOMDIR lists objects and is none");
  }
  VR_TRY(object.syntax, dicom::find_transfer_syntax(object.head.transfer_syntax));
  VR_TRY(scan(*file, capture, object));
  VR_TRY(check_identity(object));
  VR_TRY(file->check_unchanged());
  return object;
}

Result<std::unique_ptr<FileSource>> reopen(const ObjectFile& object) {
  VR_TRY(auto file, FileSource::open(object.path));
  if (file->stamp() == object.stamp) return file;
  return make_error(ErrorKind::unavailable, "file.changed-meanwhile",
                    "the file was written to while it was read");
}

Result<dicom::Dataset> read_header(const ObjectFile& object, ByteSource& file) {
  TailSource dataset(file, object.head.dataset_offset);
  return dicom::read_dataset(dataset, object.syntax, object.facts.large);
}

}  // namespace veilroute::app
