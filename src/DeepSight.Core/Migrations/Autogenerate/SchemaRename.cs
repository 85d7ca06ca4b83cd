using DeepSight.Core.Postgres.Sql;

namespace DeepSight.Core.Migrations.Autogenerate;

/// <summary>A rename that its author has named; nobody else could tell it from a drop and a new object.</summary>
/// <param name="Up">The statement.</param>
/// <param name="Down">The one that undoes it.</param>
internal sealed record SchemaRename(string Up, string Down)
{
    /// <param name="written"><c>users.mail=email</c>: the old name, in full but for the schema public, and the new one alone.</param>
    /// <exception cref="DeepSightException">It has another form, or nothing has the old name.</exception>
    public static SchemaRename Of(SchemaModel model, string written)
    {
        if (written.Split('=') is not [{ Length: > 0 } old, { Length: > 0 } name])
            throw new DeepSightException(FailureKind.InvalidInput, $"'{written}' is not a rename.", "write it as table.old=new.");

        if (OfLabel(model, old, name) is { } label) return label;

        var found = Find(model, old)
            ?? throw new DeepSightException(FailureKind.InvalidInput, $"The migrations make nothing of the name '{old}'.", "write table=new, table.column=new or schema.table.column=new, quoted as SQL would.");
        // A quoted name may hold a dot.
        var dot = found.Identity.EndsWith('"') ? found.Identity.LastIndexOf(".\"", StringComparison.Ordinal) : found.Identity.LastIndexOf('.');
        var (owner, had, gets) = (found.Identity[..dot], found.Identity[(dot + 1)..], name.StartsWith('"') ? name : SqlName.Quote(name));
        return new SchemaRename(string.Format(null, found.Kind.Rename!, owner, had, gets), string.Format(null, found.Kind.Rename!, owner, gets, had));
    }

    /// <summary>Whether something has this name, in full but for the schema public.</summary>
    public static bool Has(SchemaModel model, string name) => Find(model, name) is not null || OfLabel(model, name, "") is not null;

    private static SchemaObject? Find(SchemaModel model, string name) =>
        model.Objects.FirstOrDefault(candidate => candidate.Kind.Rename is not null && (candidate.Identity == name || candidate.Identity == "public." + name));

    /// <summary><c>mood.sad=blue</c>: a label of an enum, where the type has it.</summary>
    private static SchemaRename? OfLabel(SchemaModel model, string old, string name)
    {
        if (old.LastIndexOf('.') is not (> 0 and var dot) || (model.Find($"enum {old[..dot]}") ?? model.Find($"enum public.{old[..dot]}")) is not { } type) return null;

        var (had, gets) = (Sql.Text(old[(dot + 1)..]), Sql.Text(name));
        return type["labels"].Split('\n').Contains(had)
            ? new SchemaRename($"ALTER TYPE {type.Identity} RENAME VALUE {had} TO {gets}", $"ALTER TYPE {type.Identity} RENAME VALUE {gets} TO {had}")
            : null;
    }
}
