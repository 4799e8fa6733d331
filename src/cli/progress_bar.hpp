// The progress of a transfer, on one line of a terminal.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace echosocket::cli {

/// `report.pdf  45 % [#########-----------] 12.3 MiB of 27 MiB, 5.2 MiB/s`; without the middle part if the total is not
/// known. Cut to `columns`.
[[nodiscard]] std::string progress_line(const std::string& what, std::uint64_t done, std::optional<std::uint64_t> whole,
                                        std::chrono::nanoseconds took, std::size_t columns);

/// Shown on standard error if that is a terminal, otherwise does nothing. The destructor ends the line.
class progress_bar {
public:
    explicit progress_bar(std::string what);
    progress_bar(const progress_bar&) = delete;
    progress_bar& operator=(const progress_bar&) = delete;
    ~progress_bar();

    [[nodiscard]] bool is_shown() const noexcept { return shown_; }
    void expect(std::uint64_t whole) { whole_ = whole; }
    /// Sets the number of bytes transferred so far. Redraws at most ten times per second.
    void moved_to(std::uint64_t done);

private:
    using clock = std::chrono::steady_clock;

    void draw();

    std::string what_;
    bool shown_;
    std::optional<std::uint64_t> whole_;
    std::uint64_t done_ = 0;
    clock::time_point begin_ = clock::now();
    clock::time_point next_ = begin_;
};

}  // namespace echosocket::cli
