// What pseudonyms look like, drawn from 32 bytes: random ones for rows of the catalog, keyed ones
// for a run of `deidentify` without a site. One look for both (decisions 6).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/bytes.h"

namespace veilroute::store {

/// "VR-7Q3K9M2T", one of 28^8. Two draws can give the same word: whoever stores it looks for that,
/// and draws again.
std::string pseudonym_word(const Digest& draw);

/// "VRA-7Q3K9M2T": fits SH (PS3.5 6.2: 16 characters).
std::string accession_word(const Digest& draw);

/// Dates move into the past alone: receivers refuse studies of tomorrow, or file them on top. At
/// least 30 days, so that no shown date is near the real one; at most 730, so that a body and its
/// shown age still fit.
int date_offset_days(const Digest& draw);

/// The draw of a study's accession number, keyed by its row's secret: copies made beside the
/// catalog and copies that it sends say the same. `attempt` counts words that were taken, from 0.
Digest accession_draw(ByteView secret, std::string_view study_uid, std::uint32_t attempt);

}  // namespace veilroute::store
