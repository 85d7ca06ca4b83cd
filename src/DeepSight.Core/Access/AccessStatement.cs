namespace DeepSight.Core.Access;

/// <summary>One statement about who owns what or who may do what, of a kind that a restore may run.</summary>
/// <param name="Object">What it is about, so that two statements about one object have one key; empty for default privileges.</param>
/// <param name="Roles">Every role that it names; PUBLIC is none.</param>
/// <param name="Text">The statement with its semicolon, as it was written.</param>
/// <param name="Grantor">Who it must be run as, when that isn't the owner: another role with the grant option.</param>
internal sealed record AccessStatement(AccessKind Kind, string Object, IReadOnlyList<string> Roles, string Text, string? Grantor = null);

/// <summary>What a statement about access does.</summary>
internal enum AccessKind
{
    Owner,

    /// <summary>A grant on an object, or its revocation.</summary>
    Grant,

    DefaultPrivileges,

    /// <summary>Makes one role a member of another.</summary>
    Membership,
}
