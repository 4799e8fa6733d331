// The registered tasks, by name.
#pragma once

#include <echosocket/result.hpp>
#include <echosocket/task.hpp>

#include <boost/unordered/unordered_flat_map.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace echosocket {

/// Filled before the server runs and frozen from then on, so that look-ups from many threads need no lock.
class task_table {
public:
    /// Errors: throws `usage_error`: `duplicate_task`, `invalid_name`, `already_running`.
    void add(std::string_view name, std::unique_ptr<detail::task> task, std::string description);
    /// Names beginning with `$` are the library's own.
    void add_builtin(std::string_view name, std::unique_ptr<detail::task> task, std::string description);
    void set_fallback(std::unique_ptr<detail::task> task);
    void freeze() noexcept { frozen_ = true; }

    /// The task of that name, else the fallback, else nothing.
    [[nodiscard]] detail::task* find(std::string_view name) const noexcept;
    [[nodiscard]] failure unknown(std::string_view name) const;
    [[nodiscard]] std::vector<task_info> list() const;

private:
    struct entry {
        std::unique_ptr<detail::task> task;
        std::string description;
    };
    struct hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>()(text); }
    };

    void check_not_frozen() const;
    void insert(std::string_view name, std::unique_ptr<detail::task> task, std::string description);

    boost::unordered_flat_map<std::string, entry, hash, std::equal_to<>> tasks_;
    std::unique_ptr<detail::task> fallback_;
    bool frozen_ = false;
};

}  // namespace echosocket
