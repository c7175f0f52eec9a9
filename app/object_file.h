// ObjectFile: a DICOM file outside the site, read as strictly as what comes in by an association.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "app/file_source.h"
#include "core/dicom/dataset.h"
#include "core/dicom/scanner.h"

namespace veilroute::app {

/// Media Storage Directory (PS3.10 8.6): the SOP class of a DICOMDIR, which is no object.
inline constexpr std::string_view kMediaDirectoryClass = "1.2.840.10008.1.3.10";

/// What one pass over a file tells. Nothing of it stays in memory but these facts.
struct ObjectFile {
  std::filesystem::path path;
  dicom::FileHead head;
  dicom::TransferSyntax syntax;
  dicom::ScanFacts facts;
  Digest digest{};          ///< SHA-256 of the data set
  FileSource::Stamp stamp;  ///< the file as it was read

  [[nodiscard]] std::string_view value(dicom::Tag tag) const { return facts.value(tag); }
};

/// Scans the whole file. `invalid` for what intake would refuse or hold: no object, a directory
/// ("file.media-directory"), an unknown transfer syntax, a damaged data set (the scanner's slug), a
/// SOP Class, SOP Instance or Study Instance UID that is absent or not valid.
/// `capture` as for dicom::Scanner.
Result<ObjectFile> scan_object_file(const std::filesystem::path& path,
                                    const std::vector<dicom::Tag>& capture);

/// Opens the file again; `unavailable` ("file.changed-meanwhile") if it is not as it was scanned.
Result<std::unique_ptr<FileSource>> reopen(const ObjectFile& object);

/// The header of the data set, from an open file; large values stay there as ranges.
Result<dicom::Dataset> read_header(const ObjectFile& object, ByteSource& file);

}  // namespace veilroute::app
