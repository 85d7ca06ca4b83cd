namespace DeepSight.Core.Access;

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
