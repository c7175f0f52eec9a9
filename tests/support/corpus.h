// The corpus of real objects as tests see it: every file with its data set split off.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/dicom/dataset.h"
#include "core/dicom/scanner.h"
#include "core/dicom/transfer_syntax.h"

namespace veilroute::support {

struct CorpusFile {
  std::string name;  ///< relative to the corpus
  Bytes bytes;
  std::uint64_t dataset_offset = 0;
  dicom::FileHead head;
  dicom::TransferSyntax syntax;
  [[nodiscard]] ByteView dataset() const {
    return ByteView(bytes).subspan(static_cast<std::size_t>(dataset_offset));
  }
};

inline Bytes read_whole_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return Bytes(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
}

/// Every corpus file whose head can be read and whose transfer syntax is known, by name.
/// `unreadable` receives the names of the others.
inline std::vector<CorpusFile> corpus_files(std::vector<std::string>* unreadable = nullptr) {
  const std::filesystem::path root = VEILROUTE_CORPUS_DIR;
  std::vector<CorpusFile> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    const std::string name = entry.path().lexically_relative(root).string();
    if (!entry.is_regular_file() || name.ends_with(".tsv") || name.ends_with(".md")) continue;
    CorpusFile file;
    file.name = name;
    file.bytes = read_whole_file(entry.path());
    MemorySource source(file.bytes);
    auto head = dicom::read_file_head(source);
    auto syntax = head.ok() ? dicom::find_transfer_syntax(head->transfer_syntax)
                            : Result<dicom::TransferSyntax>(head.error());
    if (!syntax.ok()) {
      if (unreadable != nullptr) unreadable->push_back(name);
      continue;
    }
    file.head = *head;
    file.dataset_offset = head->dataset_offset;
    file.syntax = *syntax;
    files.push_back(std::move(file));
  }
  std::sort(files.begin(), files.end(),
            [](const CorpusFile& a, const CorpusFile& b) { return a.name < b.name; });
  if (unreadable != nullptr) std::sort(unreadable->begin(), unreadable->end());
  return files;
}

inline dicom::ScanFacts scan(ByteView bytes, const dicom::TransferSyntax& syntax,
                             std::size_t piece_bytes = SIZE_MAX,
                             std::vector<dicom::Tag> capture = {}) {
  dicom::Scanner scanner(syntax, std::move(capture));
  while (!bytes.empty()) {
    const ByteView piece = bytes.first(std::min(piece_bytes, bytes.size()));
    scanner.feed(piece);
    bytes = bytes.subspan(piece.size());
  }
  return scanner.finish();
}

/// What a written data set amounts to: own pieces and ranges of the source, in order.
inline Bytes materialise(const dicom::WrittenDataset& written, ByteView source) {
  Bytes all;
  for (const dicom::Piece& piece : written.pieces) {
    const ByteView from = piece.own ? ByteView(written.own) : source;
    const ByteView part = from.subspan(static_cast<std::size_t>(piece.offset),
                                       static_cast<std::size_t>(piece.length));
    const std::size_t at = all.size();
    all.insert(all.end(), part.begin(), part.end());
    if (!piece.mask.is_none()) piece.mask.apply(std::span(all).subspan(at));
  }
  return all;
}

}  // namespace veilroute::support
