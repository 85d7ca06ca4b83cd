using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using DeepSight.Core;
using DeepSight.Core.Postgres;

namespace DeepSight.Tests;

/// <summary>The order that docs/architecture.md draws, held against the compiled code.</summary>
public sealed class ArchitectureTests
{
    /// <summary>A folder may need those before it, and none behind it.</summary>
    private static readonly string[] Order =
    [
        "Age", "Settings", "Postgres", "Storage", "Queues", "Runs", "Dumps", "Catalog", "Databases", "Access",
        "Migrations", "Backup", "Restore", "Drills", "Retention", "Requests", "Health",
    ];

    /// <summary>What composes the folders stands at the root: no folder may know it.</summary>
    private static readonly string[] Composition = [nameof(DeepSightSettings), nameof(SettingsCatalog), nameof(ServiceCollectionExtensions)];

    private static readonly System.Reflection.Assembly Core = typeof(DatabaseUrl).Assembly;
    private static readonly Lazy<Architecture> Loaded = new(() => new ArchLoader().LoadAssembly(Core).Build());

    [Fact]
    public void A_folder_of_Core_needs_only_those_below_it()
    {
        var upward =
            from type in Loaded.Value.Types
            let folder = Folder(type)
            where folder is not null
            from target in type.Dependencies.Select(dependency => dependency.Target).Distinct()
            let needed = Folder(target)
            where needed is not null && Array.IndexOf(Order, needed) > Array.IndexOf(Order, folder)
            select $"{folder}/{type.Name} needs {needed}/{target.Name}";

        Assert.True(!upward.Any(), string.Join("\n", upward));
        Assert.All(Loaded.Value.Types.Select(Folder).OfType<string>(), folder => Assert.Contains(folder, Order));
    }

    [Fact]
    public void No_folder_of_Core_knows_what_composes_them()
    {
        var knowing =
            from type in Loaded.Value.Types
            where Folder(type) is not null
            from dependency in type.Dependencies
            where Composition.Contains(dependency.Target.Name)
            select $"{type.FullName} needs {dependency.Target.Name}";

        Assert.True(!knowing.Any(), string.Join("\n", knowing));
    }

    /// <summary>It could be a package of its own.</summary>
    [Fact]
    public void The_format_of_sealed_files_needs_nothing_else_of_ours()
    {
        var needed =
            from type in Loaded.Value.Types
            where Folder(type) == "Age"
            from target in type.Dependencies.Select(dependency => dependency.Target).Distinct()
            where target.Namespace is { FullName: { } space } && space.StartsWith("DeepSight.", StringComparison.Ordinal) && Folder(target) != "Age"
            select $"{type.Name} needs {target.FullName}";

        Assert.True(!needed.Any(), string.Join("\n", needed));
    }

    [Fact]
    public void Core_knows_no_host_and_no_command()
    {
        var known = Core.GetReferencedAssemblies().Select(assembly => assembly.Name!);

        Assert.DoesNotContain(known, name => name.StartsWith("Microsoft.Azure.Functions", StringComparison.Ordinal)
            || name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal)
            || name is "System.CommandLine" or "Spectre.Console" or "DeepSight.Cli" or "DeepSight.Functions" or "DeepSight.LocalHost");
    }

    /// <summary>The first folder below the root of Core; null for the root itself and for what is not Core's.</summary>
    private static string? Folder(IType type) =>
        type.Namespace?.FullName.Split('.') is ["DeepSight", "Core", var folder, ..] ? folder : null;
}
