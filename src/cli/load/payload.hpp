// The payload of requests, and the check of answers.
#pragma once

#include "cli/load/load.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace echosocket::load {

/// The body of every request and of every right answer: a pattern whose first 8 bytes are a stamp unique to each
/// request, so that an answer to another request is detected by its body too.
class payload {
public:
    static constexpr std::size_t stamp_size = 8;

    payload(const options& wanted, std::string_view trailer)
        : stamped_(wanted.body.empty() && wanted.payload >= stamp_size), check_(wanted.check) {
        request_ = wanted.body;
        if (request_.empty()) {
            request_.resize(wanted.payload);
            for (std::size_t i = 0; i < request_.size(); ++i) request_[i] = static_cast<char>('a' + i % 23);
        }
        answer_ = check_ == answer_check::fixed ? wanted.expected : request_;
        request_ += trailer;
        answer_ += trailer;
    }

    /// Includes the trailer; if `stamped()`, the first bytes must be overwritten with a stamp.
    [[nodiscard]] std::string_view request() const noexcept { return request_; }
    [[nodiscard]] bool stamped() const noexcept { return stamped_; }

    /// Returns true if `bytes`, at `offset`, are part of the answer of `size` bytes to the request with that stamp.
    [[nodiscard]] bool matches(std::string_view bytes, std::size_t offset, std::size_t size,
                               std::uint64_t stamp) const noexcept {
        if (check_ == answer_check::success) return true;
        if (size != answer_.size()) return false;
        if (stamped_ && check_ == answer_check::same_as_request && offset < stamp_size) {
            char expected[stamp_size];
            std::memcpy(expected, &stamp, stamp_size);
            const std::size_t part = std::min(bytes.size(), stamp_size - offset);
            if (std::memcmp(bytes.data(), expected + offset, part) != 0) return false;
            bytes.remove_prefix(part);
            offset += part;
        }
        return size <= thorough_size || stamp % thorough_share == 0 ? same(bytes, offset)
                                                                    : same_in_samples(bytes, offset);
    }

private:
    // Comparing all of a large body costs as much as the server's own work on it; the generator would become the
    // bottleneck.
    static constexpr std::size_t thorough_size = 16 * 1024;
    static constexpr std::uint64_t thorough_share = 16;
    static constexpr std::size_t page = 4096;
    static constexpr std::size_t sample = 64;

    [[nodiscard]] bool same(std::string_view bytes, std::size_t offset) const noexcept {
        return std::memcmp(bytes.data(), answer_.data() + offset, bytes.size()) == 0;
    }

    [[nodiscard]] bool same_in_samples(std::string_view bytes, std::size_t offset) const noexcept {
        for (std::size_t at = 0; at < bytes.size(); at += page)
            if (!same(bytes.substr(at, sample), offset + at)) return false;
        return true;
    }

    std::string request_;
    std::string answer_;
    bool stamped_;
    answer_check check_;
};

}  // namespace echosocket::load
